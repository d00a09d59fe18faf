/** The photographs of PGGAN_TEST_DATA that the benches of faces are run on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const data = process.env['PGGAN_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data');

export interface Photograph {
  readonly file: string; // in `data`
  readonly points: readonly number[]; // ten numbers, LANDMARK order
}

/** `amount` of the list, from all over it. */
const spread = <T,>(list: readonly T[], amount: number): T[] =>
  Array.from({ length: amount }, (_, i) => list[Math.floor((i * list.length) / amount)]!);

/**
 * `count` pictures with a face, at most half of them from the one folder that holds most of them, small portraits all
 * alike, as long as there are others.
 */
export function choosePhotographs(count: number): Photograph[] {
  const [, ...lines] = readFileSync(join(data, 'faces-index.csv'), 'utf8').trim().split('\n');
  const all = lines
    .map((line) => line.split(','))
    .filter((cells) => Number(cells[5]) > 0)
    .map((cells) => ({ file: cells[0]!, points: cells.slice(8, 18).map(Number) }));
  const small = all.filter(({ file }) => file.includes('/us-congress-small/'));
  const others = all.filter(({ file }) => !file.includes('/us-congress-small/'));
  const first = spread(others, Math.min(others.length, Math.ceil(count / 2)));
  return [...first, ...spread(small, Math.min(small.length, count - first.length))];
}
