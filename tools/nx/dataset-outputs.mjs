/**
 * Nx plugin. The folder that `prep:build-dataset` writes depends on its arguments, and Nx must know it before it
 * stores or restores anything: the dataset of another source would otherwise be kept, or put back, as the sample's.
 * A folder outside the workspace cannot be restored from the cache; the target is not cached then.
 */
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { optionValue } from './arguments.mjs';

/** The folder as apps/prep/src/commands/build-options.ts names it; apps/prep/test/default-output.test.ts compares them. @param {readonly string[]} argv */
export function datasetFolder(argv) {
  const out = optionValue(argv, '--out');
  if (out !== undefined) return out;
  const source = optionValue(argv, '--source');
  if (source === undefined || source === 'data/sample-faces') return 'data/datasets/sample';
  const name = basename(resolve(source)).replace(/\.(zip|tar|tgz|tar\.gz)$/i, '');
  const rgb = optionValue(argv, '--kind') === 'mnist-rgb' ? '-rgb' : '';
  const test = optionValue(argv, '--split') === 'test' ? '-test' : '';
  return `data/datasets/${name}${rgb}${test}`;
}

/** @param {readonly string[]} argv @param {string} workspaceRoot */
export function datasetTarget(argv, workspaceRoot) {
  const mine = argv.some((argument) => /(^|[:=,])build-dataset(,|:|$)/.test(argument));
  const folder = relative(workspaceRoot, resolve(workspaceRoot, datasetFolder(mine ? argv : [])));
  const inside = folder !== '' && !folder.startsWith('..') && !isAbsolute(folder);
  if (!inside) return { cache: false };
  return { cache: true, outputs: [`{workspaceRoot}/${folder.replaceAll('\\', '/')}`] };
}

export const name = 'dataset-outputs';

export const createNodesV2 = [
  'apps/prep/package.json',
  /** @type {import('@nx/devkit').CreateNodesV2[1]} */
  (files, _options, { workspaceRoot }) =>
    files.map((file) => [
      file,
      {
        projects: {
          'apps/prep': { targets: { 'build-dataset': datasetTarget(process.argv, workspaceRoot) } },
        },
      },
    ]),
];
