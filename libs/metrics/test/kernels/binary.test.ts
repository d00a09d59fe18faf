/** Source and compiled bytes of the kernels belong together. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../../../../tools/kernels/build.mjs');
const stored = resolve(import.meta.dirname, '../../src/kernels/binary.ts');

it('the kernels compile to the bytes that are stored (else: node tools/kernels/build.mjs libs/metrics)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, 'libs/metrics', '--print']);
  expect(stdout).toBe(await readFile(stored, 'utf8'));
});
