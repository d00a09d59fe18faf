/** Opening a set and reading pixels of it. */
import type { Source, SourceKind, SourceRequest } from '../../src/sources/source.js';

export async function openSet(
  kind: SourceKind,
  path: string,
  request: Partial<SourceRequest> = {},
): Promise<Source> {
  return kind.open({
    path,
    scratch: path,
    split: 'train',
    stacks: 10,
    stackSeed: 123,
    coarse: false,
    ...request,
  });
}

export async function pixels(source: Source, i: number): Promise<Uint8Array> {
  const picture = await source.read(i);
  if (picture.kind !== 'pixels') throw new Error('expected pixels');
  return picture.data;
}

/** Class of each picture. */
export function classes(source: Source, count = source.count): number[] {
  return Array.from({ length: count }, (_, i) => {
    const row = source.labels!.row(i)!;
    if (row.length !== source.labels!.names.length || row.reduce((a, b) => a + b) !== 1)
      throw new Error('not one-hot');
    return row.indexOf(1);
  });
}
