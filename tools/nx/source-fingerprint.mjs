/**
 * Nx plugin. Nx hashes files of the workspace only, but `build-dataset -- --source DIR` may read a folder
 * anywhere, and `--labels`, `--landmarks`, `--notes` and models a file. Before tasks are hashed this turns their
 * listing (names, sizes, modification times) into PGGAN_SOURCE_FINGERPRINT, which the target names as an input: a
 * changed picture is a cache miss.
 */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { optionValue } from './arguments.mjs';

export const name = 'source-fingerprint';

/** @param {string} path a file or folder @returns {string} sha256 of its listing, or `absent` */
export function fingerprint(path) {
  const hash = createHash('sha256');
  try {
    const root = statSync(path);
    const names = root.isDirectory() ? readdirSync(path, { recursive: true }).map(String).sort() : [''];
    for (const file of names) {
      const { size, mtimeMs } = statSync(join(path, file), { throwIfNoEntry: false }) ?? {};
      hash.update(`${file}\0${size}\0${mtimeMs}\n`);
    }
  } catch {
    // The program itself reports a folder that is missing or unreadable; here it only must not match a cached run.
    return 'absent';
  }
  return hash.digest('hex');
}

/** @param {unknown} _options @param {{ argv: string[], workspaceRoot: string }} context */
export async function preTasksExecution(_options, { argv, workspaceRoot }) {
  const files = ['--source', '--labels', '--landmarks', '--notes', '--face-model', '--enhancer'];
  const models = ['--face-model', '--enhancer'].map((option) => optionValue(argv, option));
  const read = [
    ...files.map((option) => optionValue(argv, option)),
    // The descriptions beside ONNX models.
    ...models.map((model) => model?.replace(/(\.onnx)?$/i, '.json')),
  ];
  // Nx hashes after this hook and passes on what it changes in the environment.
  process.env.PGGAN_SOURCE_FINGERPRINT = read
    .map((path) => (path === undefined ? '' : fingerprint(resolve(workspaceRoot, path))))
    .join(' ')
    .trim();
}
