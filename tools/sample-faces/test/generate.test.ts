import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTRIBUTES, LANDMARK_NAMES } from '../src/annotations.js';
import { generateSample } from '../src/generate.js';

const root = mkdtempSync(join(tmpdir(), 'sample-faces-'));
const full = join(root, 'full');
// Of seed 12's first 24 pictures at least one is faceless.
const [count, seed] = [24, 12];
const lines = (name: string, folder = full) => readFileSync(join(folder, name), 'utf8').trim().split('\n');

beforeAll(() => generateSample({ out: full, count, seed }));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('generateSample', () => {
  it('writes the pictures, the lists, the truth and the marker', () => {
    expect(readdirSync(full).sort()).toEqual(
      [
        'complete.json',
        'img_celeba',
        'list_attr_celeba.txt',
        'list_landmarks_celeba.txt',
        'truth.csv',
      ].sort(),
    );
    const pictures = readdirSync(join(full, 'img_celeba')).sort();
    expect(pictures).toHaveLength(count);
    expect([pictures[0], pictures.at(-1)]).toEqual(['000001.jpg', '000024.jpg']);
    expect(JSON.parse(lines('complete.json').join('\n'))).toMatchObject({ count, seed });
  });

  it('lists ten whole numbers for every picture with a face and no line for the others', () => {
    const [total, names, ...rows] = lines('list_landmarks_celeba.txt');
    expect(names?.split(' ')).toEqual([...LANDMARK_NAMES]);
    expect(Number(total)).toBe(rows.length);
    for (const row of rows) expect(row).toMatch(/^\d{6}\.jpg( \d+){10}$/);
    const faceless = lines('truth.csv').filter((line) => line.split(',')[4] === 'faceless');
    expect(faceless.length).toBeGreaterThan(0);
    expect(rows.length).toBe(count - faceless.length);
    for (const line of faceless) {
      const file = line.split(',')[0] as string;
      expect(rows.some((row) => row.startsWith(file))).toBe(false);
    }
  });

  it('lists every attribute of every picture as 1 or -1', () => {
    const [total, names, ...rows] = lines('list_attr_celeba.txt');
    expect(names?.split(' ')).toEqual(Object.keys(ATTRIBUTES));
    expect(Number(total)).toBe(count);
    expect(rows).toHaveLength(count);
    const flags = rows.map((row) => row.trim().split(/\s+/).slice(1));
    for (const row of flags) {
      expect(row).toHaveLength(Object.keys(ATTRIBUTES).length);
      expect(row.every((flag) => flag === '1' || flag === '-1')).toBe(true);
    }
  });

  it('renders the same picture whatever the count', async () => {
    const few = join(root, 'few');
    await generateSample({ out: few, count: 5, seed });
    for (const name of readdirSync(join(few, 'img_celeba'))) {
      const path = join('img_celeba', name);
      expect(readFileSync(join(few, path)).equals(readFileSync(join(full, path)))).toBe(true);
    }
    expect(lines('truth.csv', few)).toEqual(lines('truth.csv').slice(0, 6));
  });

  it('replaces an earlier set but nothing else', async () => {
    const out = join(root, 'replaced');
    await generateSample({ out, count: 2, seed });
    await generateSample({ out, count: 1, seed });
    expect(readdirSync(join(out, 'img_celeba'))).toEqual(['000001.jpg']);

    const foreign = join(root, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    await expect(generateSample({ out: foreign, count: 1, seed })).rejects.toMatchObject({
      code: 'output-occupied',
    });
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const out = join(root, 'stopped');
    const before = readdirSync(root);
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(
      generateSample({ out, count: 30, seed, signal: controller.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'stopped' });
    expect(readdirSync(root)).toEqual(before);
  });
});

describe('the program', () => {
  const program = (...args: string[]) => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const typescript = new URL('../../test/typescript.mjs', import.meta.url).href;
    const loader = ['--import', typescript, '--conditions=@pggan/source'];
    return spawnSync(process.execPath, [...loader, main, ...args], { encoding: 'utf8', cwd: root });
  };

  it('renders into the folder it is given', () => {
    const { status, stderr } = program('--count', '2', '--seed=9', '--out', 'by-program');
    expect(stderr).toContain('by-program: 2 pictures');
    expect(status).toBe(0);
    expect(existsSync(join(root, 'by-program', 'complete.json'))).toBe(true);
  });

  it('prints its options', () => {
    const { status, stdout } = program('--help');
    expect(status).toBe(0);
    for (const option of ['--out', '--count', '--seed', '--help']) expect(stdout).toContain(option);
  });

  it('names the nearest option when it refuses one, with exit code 2', () => {
    const { status, stderr } = program('--cuont', '3');
    expect(stderr).toContain('unknown option --cuont; did you mean --count?');
    expect(status).toBe(2);
  });
});
