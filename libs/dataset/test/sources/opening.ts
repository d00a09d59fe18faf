/** Opening a source as a build does, and reading all of it. */
import { mkdir } from 'node:fs/promises';
import { DatasetError } from '../../src/errors.js';
import { SourcePictureError, type Source, type SourceKind } from '../../src/sources/source.js';

export async function openSource(kind: SourceKind, path: string, scratch: string): Promise<Source> {
  await mkdir(scratch, { recursive: true });
  return kind.open({ path, scratch, split: 'train', stacks: 1, stackSeed: 123, coarse: false });
}

/** Path → content, or why the picture cannot be had; messages are for people, so they come with it. */
export async function readAll(source: Source): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (let i = 0; i < source.count; i++) {
    try {
      const picture = await source.read(i);
      all[source.path(i)] = picture.kind === 'file' ? picture.bytes.toString('latin1') : 'pixels';
    } catch (error) {
      if (!(error instanceof SourcePictureError)) throw error;
      all[source.path(i)] = `${error.reason}: ${error.message}`;
    }
  }
  return all;
}

export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DatasetError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('expected a DatasetError');
}
