/**
 * Nx plugin. `cli:train` and `cli:plan` stand on the sample dataset only when it is the sample that is trained on: with `--data`,
 * `--resume` or `--help` nobody should wait for 2,500 portraits to be drawn first.
 */

export const name = 'training-data';

/** @param {readonly string[]} argv */
export function needsSample(argv) {
  return !argv.some((argument) => /^(--data|--resume)(=|$)|^(--help|-h)$/.test(argument));
}

export const createNodesV2 = [
  'apps/cli/package.json',
  /** @type {import('@nx/devkit').CreateNodesV2[1]} */
  (files) => {
    const target = { dependsOn: ['build', ...(needsSample(process.argv) ? ['prep:build-dataset'] : [])] };
    return files.map((file) => [
      file,
      { projects: { 'apps/cli': { targets: { train: target, plan: target } } } },
    ]);
  },
];
