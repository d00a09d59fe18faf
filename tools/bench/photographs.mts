/** The photographs of PGGAN_TEST_DATA that the benches of faces are run on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const data = process.env['PGGAN_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data');

export interface Photograph {
  readonly file: string; // in `data`
  readonly points: readonly number[]; // ten numbers, LANDMARK order
}

/**
 * `count` pictures with a face. Of the one folder that holds most of them, small portraits all alike, every so many are
 * taken.
 */
export function choosePhotographs(count: number): Photograph[] {
  const [, ...lines] = readFileSync(join(data, 'faces-index.csv'), 'utf8').trim().split('\n');
  const all = lines
    .map((line) => line.split(','))
    .filter((cells) => Number(cells[5]) > 0)
    .map((cells) => ({ file: cells[0]!, points: cells.slice(8, 18).map(Number) }));
  const small = all.filter(({ file }) => file.includes('/us-congress-small/'));
  const others = all.filter(({ file }) => !file.includes('/us-congress-small/'));
  const every = Math.max(1, Math.ceil(small.length / Math.max(1, count - others.length)));
  return [...others, ...small.filter((_, i) => i % every === 0)].slice(0, count);
}
