import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LANDMARK_COLUMNS, readSidecarLandmarks, type FaceLookup } from '../../src/index.js';

const scratch = mkdtempSync(join(tmpdir(), 'pggan-landmarks-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

/** Five points, the eyes `apart` pixels from each other. */
const face = (apart: number) => [10, 10, 10 + apart, 10, 15.5, 15, 12, 20, 18, 20];
const columns = LANDMARK_COLUMNS.join(',');
const points = (found: ReturnType<FaceLookup['of']>) => found.map(({ points }) => [...points]);

describe('landmarks beside the pictures', () => {
  it('CSV: columns in any order, several rows of a picture are several faces, the largest first', async () => {
    const path = file(
      'order.csv',
      `face,${[...LANDMARK_COLUMNS].reverse().join(',')},path,confidence\n` +
        `0,${face(8).reverse().join(',')},./a/1.jpg,0.5\n` +
        `1,${face(9).reverse().join(',')},a\\1.jpg,\n\n` +
        `0,${face(7).reverse().join(',')},b/2.jpg,1\n`,
    );
    const faces = await readSidecarLandmarks(path);
    expect(points(faces.of('a/1.jpg'))).toEqual([face(9), face(8)]);
    expect(faces.of('a/1.jpg').map(({ faces, confidence }) => [faces, confidence])).toEqual([
      [2, undefined],
      [2, 0.5],
    ]);
    expect(faces.of('b/2.jpg')).toMatchObject([{ faces: 1, confidence: 1 }]);
    expect(faces.of('2.jpg')).toEqual([]);
  });

  it('CSV: says how many faces a picture has of which only the largest is there, or that it has none', async () => {
    const path = file(
      'index.csv',
      `file,sha256,faces,roll_deg,${columns}\nx.jpg,00ff,3,1.5,${face(9).join(',')}\ny.jpg,00fe,0,,${',,,,,,,,,'}\n`,
    );
    const faces = await readSidecarLandmarks(path);
    expect(faces.of('x.jpg')).toMatchObject([{ faces: 3 }]);
    expect(faces.of('y.jpg')).toEqual([]);
  });

  it('JSON: ten numbers or five pairs', async () => {
    const pairs = [0, 2, 4, 6, 8].map((i) => face(6).slice(i, i + 2));
    const path = file(
      'list.json',
      JSON.stringify([
        { path: 'a.png', points: face(5), confidence: 0.25 },
        { file: 'a.png', points: pairs },
        { path: 'b.png', points: null },
      ]),
    );
    const faces = await readSidecarLandmarks(path);
    expect(points(faces.of('a.png'))).toEqual([face(6), face(5)]);
    expect(faces.of('a.png')[1]).toMatchObject({ faces: 2, confidence: 0.25 });
    expect(faces.of('b.png')).toEqual([]);
  });

  it('names without folders fit pictures in any folder, but not two of one name', async () => {
    const faces = await readSidecarLandmarks(
      file('bare.csv', `path,${columns}\n1.jpg,${face(9).join(',')}\n`),
    );
    expect(faces.of('deep/down/1.jpg')).toHaveLength(1);
    expect(faces.of('deep/down/1.jpg')).toHaveLength(1);
    expect(() => faces.of('elsewhere/1.jpg')).toThrowError(
      /bare\.csv: line 2: "1\.jpg" may be deep\/down\/1\.jpg or elsewhere\/1\.jpg/,
    );
  });

  const row = (values: readonly (number | string)[]) =>
    `path,${columns}\nok.jpg,${face(9).join(',')}\nx.jpg,${values.join(',')}\n`;
  it.each([
    [
      'text',
      'csv',
      row([...face(9).slice(0, 9), 'left']),
      /text\.csv: line 3: column "rightmouth_y": expected pixels, got "left"/,
    ],
    ['gap', 'csv', row(['', ...face(9).slice(1)]), /line 3: column "lefteye_x": expected pixels, got ""/],
    ['infinite', 'csv', row([...face(9).slice(0, 9), 'Infinity']), /line 3.*got "Infinity"/],
    ['short', 'csv', row(face(9).slice(1)), /short\.csv: line 3/],
    [
      'header',
      'csv',
      `path,${columns.replace('nose_x', 'nase')}\n`,
      /line 1: expected a header.*without nose_x/,
    ],
    ['pathless', 'csv', `${columns}\n`, /line 1: expected a header.*without path/],
    ['empty', 'csv', '', /line 1: expected a header.*got nothing/],
    [
      'nameless',
      'csv',
      `path,${columns}\n,${face(9).join(',')}\n`,
      /line 2: expected the path of a picture, got nothing/,
    ],
    [
      'sure',
      'csv',
      `path,confidence,${columns}\na,2,${face(9).join(',')}\n`,
      /"confidence": expected a number from 0 to 1, got "2"/,
    ],
    [
      'half',
      'csv',
      `path,faces,${columns}\na,1.5,${face(9).join(',')}\n`,
      /"faces": expected a number of faces, got "1\.5"/,
    ],
    ['object', 'json', '{"a": 1}', /entry 1: expected a list.*got \{"a":1\}/],
    ['cut', 'json', '[{"path"', /cut\.json: no JSON/],
    [
      'nine',
      'json',
      JSON.stringify([{ path: 'a', points: face(9).slice(1) }]),
      /entry 1: points: expected ten numbers/,
    ],
    ['words', 'json', '[{"path": "a", "points": "many"}]', /entry 1: points: .*got "many"/],
    ['whose', 'json', JSON.stringify([{ points: face(9) }]), /entry 1: expected \{"path": text/],
    ['null', 'json', '[null]', /entry 1: expected \{"path": text/],
  ])('refuses %s and names the place', async (name, ending, content, message) => {
    const attempt = readSidecarLandmarks(file(`${name}.${ending}`, content));
    await expect(attempt).rejects.toMatchObject({ name: 'DatasetError', code: 'annotation-invalid' });
    await expect(attempt).rejects.toThrow(message);
  });

  it('refuses a file that is not there', async () => {
    await expect(readSidecarLandmarks(join(scratch, 'no.csv'))).rejects.toThrow(/no\.csv: cannot be read/);
  });
});
