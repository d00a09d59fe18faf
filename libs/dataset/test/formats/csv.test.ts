import { parse } from 'csv-parse/sync';
import { RandomState } from '@pggan/random';
import { expect, it } from 'vitest';
import { readCsv } from '../../src/formats/csv.js';

function records(text: string): [string[], number][] {
  const found: [string[], number][] = [];
  readCsv(text, 'x.csv', (fields, line) => found.push([[...fields], line]));
  return found;
}

it('text without quotes is read as csv-parse reads it, line numbers included', () => {
  const random = new RandomState(6);
  const pieces = ['a', 'é', '7', ',', ',', ' ', '\t', '\n', '\n', '\f', '\u00a0'];
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const lineEnd = round % 2 === 0 ? '\n' : '\r\n';
    const length = 1 + random.randint(14);
    const parts = Array.from({ length }, () => pieces[random.randint(pieces.length)]!);
    const text = ((round % 5 === 0 ? '\ufeff' : '') + 'x,y\n' + parts.join('')).replaceAll('\n', lineEnd);
    const expected: [string[], number][] = [];
    let line: number | undefined;
    try {
      parse(text, {
        bom: true,
        trim: true,
        skip_empty_lines: true,
        on_record: (fields: string[], { lines }) => void expected.push([fields, lines]),
      });
    } catch (error) {
      line = (error as { lines: number }).lines;
      refused++;
    }
    const what = JSON.stringify(text);
    if (line === undefined) expect(records(text), what).toEqual(expected);
    else
      expect(() => records(text), what).toThrow(
        `x.csv: line ${line}: expected 2 fields as in the first record`,
      );
  }
  expect(refused).toBeGreaterThan(500);
  expect(refused).toBeLessThan(2500);
});

it.each([
  ['plain', 'x,y\n1,2\n\n1,2,3\n'],
  ['quoted', 'x,"y"\n1,2\n\n1,2,3\n'],
])('%s: a record with another number of fields is refused, with its line', (_, text) => {
  expect(() => records(text)).toThrow(/^x\.csv: line 4: expected 2 fields as in the first record, got 3$/);
});

it('quotes keep commas, quotes and ends of lines', () => {
  expect(records('x,y\n"a,b","c ""d"""\n"e\nf",g\n')).toEqual([
    [['x', 'y'], 1],
    [['a,b', 'c "d"'], 2],
    [['e\nf', 'g'], 4],
  ]);
});

it('records of more than 16 million characters are refused', () => {
  const long = 'a'.repeat(2 ** 24 + 1);
  expect(() => records(`x,y\n${long},1\n`)).toThrow(/line 2: a record has more than 16777216 characters/);
});
