/**
 * One vitest configuration for every project: sources of workspace packages instead of their
 * builds, forked processes (native addons), and a JSON report that tools/test/run.mjs adds up.
 */
import { defineConfig } from 'vitest/config';

const condition = '@pggan/source';

/**
 * @param {string} name @param {string} root the project's folder
 * @param {{ isolate?: boolean }} [options] `isolate: false`: files share what they import, which saves seconds where there
 *   is much to import; for projects whose files leave nothing behind that another one would trip over
 */
export function projectConfig(name, root, { isolate = true } = {}) {
  return defineConfig({
    root,
    cacheDir: `${root}/test-output/.vite`,
    resolve: { conditions: [condition] },
    ssr: { resolve: { conditions: [condition, 'module', 'node', 'development|production'] } },
    test: {
      name,
      watch: false,
      environment: 'node',
      include: ['test/**/*.test.ts'],
      // Worker threads inherit these, so a worker file may be TypeScript in tests as well.
      execArgv: ['--import', import.meta.resolve('./typescript.mjs'), `--conditions=${condition}`],
      // Task runners force colours, which programs under test would then print.
      env: { FORCE_COLOR: '0' },
      pool: 'forks',
      isolate,
      // Two cores is the smallest machine we promise to run on; TensorFlow threads share them.
      maxWorkers: 2,
      // Against what hangs. A busy machine is slow, and that is not a failure.
      testTimeout: 240_000,
      hookTimeout: 300_000,
      reporters: ['default', 'json'],
      outputFile: { json: `${root}/test-output/results.json` },
    },
  });
}
