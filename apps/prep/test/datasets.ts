/** Small datasets for the tests of commands. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TFRecordExporter } from '@pggan/dataset';
import { afterAll } from 'vitest';

/** A folder of its own for a test file, gone afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pggan-prep-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface DatasetSpec {
  readonly images?: number; // default 6
  readonly size?: number | { readonly width: number; readonly height: number }; // default 16x12
  readonly channels?: 1 | 3; // default 3
  readonly labels?: boolean;
  readonly first?: number; // number of the first image: images of one number are equal in all datasets
}

export async function makeDataset(out: string, spec: DatasetSpec = {}): Promise<void> {
  const { images = 6, size = { width: 16, height: 12 }, channels = 3, first = 0 } = spec;
  const { width, height } = typeof size === 'number' ? { width: size, height: size } : size;
  const exporter = await TFRecordExporter.create(out, { size, channels, name: 'set' });
  for (let i = first; i < first + images; i++)
    await exporter.add(
      Uint8Array.from(
        { length: channels * width * height },
        (_, at) => ((at + 1) * (i + 7) * 2654435761) >>> 24,
      ),
    );
  if (spec.labels)
    await exporter.addLabels(
      Float32Array.from({ length: images * 2 }, (_, i) => i),
      2,
      ['even', 'odd'],
    );
  await exporter.finish();
}

export async function flip(directory: string, file: string, byte: number): Promise<void> {
  const path = join(directory, file);
  const bytes = await readFile(path);
  bytes[byte]! ^= 1;
  await writeFile(path, bytes);
}

/** Gray 8x8 images, all alike and without an index: reading them one by one takes seconds, making them does not. */
export async function makeLong(out: string): Promise<void> {
  await makeDataset(out, { images: 1, size: 8, channels: 1 });
  await rm(join(out, 'index.json'));
  for (const name of await readdir(out)) {
    const record = await readFile(join(out, name));
    await writeFile(join(out, name), Buffer.alloc(record.length * 100_000, record));
  }
}

/** A dataset of gigabytes of zeros that take no space on the disk, after one sound image. */
export async function makeHollow(out: string): Promise<void> {
  await makeDataset(out, { images: 1, size: 1024 });
  await rm(join(out, 'index.json'));
  const file = join(out, 'set-r10.tfrecords');
  await truncate(file, 1000 * (await stat(file)).size);
}
