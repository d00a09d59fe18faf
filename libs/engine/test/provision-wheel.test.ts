import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProvisionProgress } from '../src/provision/progress.js';
import { extractFromWheel, readFromWheel } from '../src/provision/wheel.js';
import { temporaryFolder } from './helpers/temporary.js';
import { zipOf } from './helpers/zip.js';

const root = temporaryFolder('wheel');
const library = Buffer.alloc(300_000, 'libtensorflow ');
const content = {
  'tensorflow/libtensorflow_cc.so.2': library,
  'tensorflow/include/tensorflow/c/c_api.h': '#pragma once\n',
  'tensorflow/python/ops.py': 'not wanted',
  'tensorflow-2.21.0.dist-info/METADATA': 'Name: tensorflow\n',
};
const select = (name: string) => !name.endsWith('.py');

function wheelFile(name: string, bytes: Uint8Array): string {
  const path = join(root, `${name}.whl`);
  writeFileSync(path, bytes);
  return path;
}

describe('extractFromWheel', () => {
  it('writes the selected entries and nothing else, and counts every byte', async () => {
    const folder = join(root, 'good');
    const progress: ProvisionProgress[] = [];
    const files = await extractFromWheel({
      wheel: wheelFile('good', zipOf(content)),
      folder,
      select,
      report: (step) => progress.push(step),
    });
    expect(files.map((file) => [file.name, file.bytes])).toEqual([
      ['tensorflow/libtensorflow_cc.so.2', 300_000],
      ['tensorflow/include/tensorflow/c/c_api.h', 13],
      ['tensorflow-2.21.0.dist-info/METADATA', 17],
    ]);
    expect(readFileSync(join(folder, 'tensorflow/libtensorflow_cc.so.2')).equals(library)).toBe(true);
    expect(existsSync(join(folder, 'tensorflow/python'))).toBe(false);
    expect(progress.at(-1)).toEqual({ step: 'unpacking', done: 300_030, total: 300_030, unit: 'bytes' });
  });

  it('refuses a download that was cut', async () => {
    const whole = zipOf(content);
    for (const length of [whole.length - 1, whole.length >> 1, 10, 0]) {
      const wheel = wheelFile(`cut-${length}`, whole.subarray(0, length));
      await expect(extractFromWheel({ wheel, folder: join(root, 'cut'), select })).rejects.toMatchObject({
        code: 'wheel-corrupt',
      });
    }
  });

  it.each([
    ['in compressed bytes', library],
    ['in bytes that do not compress, where only the CRC can tell', randomBytes(300_000)],
  ])('refuses a flipped bit: %s', async (_, data) => {
    const bytes = zipOf({ 'tensorflow/libtensorflow_cc.so.2': data });
    bytes[200]! ^= 1;
    const wheel = wheelFile('flipped', bytes);
    await expect(extractFromWheel({ wheel, folder: join(root, 'flipped'), select })).rejects.toMatchObject({
      code: 'wheel-corrupt',
      message: expect.stringContaining('Download it again') as string,
    });
  });

  it('names what a wheel of another kind lacks', async () => {
    const wheel = wheelFile('other', zipOf({ 'numpy/__init__.py': '' }));
    const required = ['tensorflow/libtensorflow_cc.so.2'];
    await expect(extractFromWheel({ wheel, folder: join(root, 'other'), select, required })).rejects.toThrow(
      /damaged: it holds no tensorflow\/libtensorflow_cc\.so\.2/,
    );
  });

  it.each(['../escaped', '/escaped', 'a/../../escaped'])(
    'writes nothing outside its folder: %s',
    async (name) => {
      const wheel = wheelFile('escape', zipOf({ [name]: 'x' }));
      const folder = join(root, 'inside');
      await expect(extractFromWheel({ wheel, folder, select: () => true })).rejects.toMatchObject({
        code: 'wheel-corrupt',
      });
      expect(existsSync(join(root, 'escaped'))).toBe(false);
    },
  );

  it('stops when asked to', async () => {
    const stop = new AbortController();
    const wheel = wheelFile('stopped', zipOf(content));
    await expect(
      extractFromWheel({
        wheel,
        folder: join(root, 'stopped'),
        select,
        signal: stop.signal,
        report: () => stop.abort(),
      }),
    ).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('readFromWheel', () => {
  it('returns the text of the first match, or undefined', async () => {
    const wheel = wheelFile('metadata', zipOf(content));
    expect(await readFromWheel(wheel, (name) => name.endsWith('METADATA'))).toBe('Name: tensorflow\n');
    expect(await readFromWheel(wheel, (name) => name.endsWith('RECORD'))).toBeUndefined();
  });
});
