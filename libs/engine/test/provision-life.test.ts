/** A whole provisioning from an existing libtensorflow (nothing is downloaded): interrupted, doubled, repeated, broken. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findInstallation } from '../src/provision/find.js';
import { provision } from '../src/provision/provision.js';
import { runChild } from './helpers/child.js';
import { temporaryFolder } from './helpers/temporary.js';

// Each compiles for 5 s on an idle machine.
vi.setConfig({ testTimeout: 240_000 });
const root = temporaryFolder('life');
const cache = join(root, 'cache');
const engine = join(cache, 'engine');
const existing = await findInstallation('cpu');
const libtensorflow = existing?.libraryFolder ?? '';
const hidden = () => readdirSync(engine).filter((name) => name.startsWith('.'));

/** Prints each step as it begins, then whether the installation was made or found. */
const PROGRAM = `
  import { provision } from 'src/provision/provision.ts';
  const [cache, libtensorflow] = JSON.parse(process.env.ARGUMENTS);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const onProgress = ({ step, done }) => done === 0 && console.log('step', step);
  try {
    const { fresh } = await provision({ cache, libtensorflow, onProgress, signal: stop.signal });
    console.log('fresh', fresh);
  } catch (error) {
    console.log('error', error.code);
  }
`;
const start = () => runChild(PROGRAM, { ARGUMENTS: JSON.stringify([cache, libtensorflow]) });

describe.skipIf(!existing)(
  'provisioning (needs TensorFlow in the cache; run `nx run engine:provision`)',
  () => {
    it('interrupted by Ctrl-C removes what it began', async () => {
      const child = start();
      await child.line('step compiling the binding');
      child.process.kill('SIGINT');
      expect((await child.finished).stdout).toContain('error aborted');
      expect(readdirSync(engine)).toEqual([]);
    });

    it('killed leaves nothing that is believed', async () => {
      const child = start();
      await child.line('step compiling the binding');
      child.process.kill('SIGKILL');
      await child.finished;
      expect(hidden().map((name) => name.replace(/-.*/, ''))).toEqual(['.lock', '.work']);
      expect(readdirSync(engine)).toHaveLength(2);
    });

    it('started twice at once works once, and tidies up after the killed run', async () => {
      const [first, second] = await Promise.all([start().finished, start().finished]);
      const answers = [first, second].map(({ stdout }) => /fresh (\w+)/.exec(stdout)?.[1]);
      expect(answers.sort(), first.stderr + second.stderr).toEqual(['false', 'true']);
      expect(hidden()).toEqual([]);
      expect(readdirSync(engine)).toHaveLength(1);
    });

    it('done before writes nothing', async () => {
      const written = () =>
        readdirSync(cache, { recursive: true, withFileTypes: true }).map(({ name, parentPath }) => [
          name,
          statSync(join(parentPath, name)).mtimeMs,
        ]);
      const before = written();
      const { fresh, receipt } = await provision({ cache, libtensorflow });
      expect(fresh).toBe(false);
      expect(receipt).toMatchObject({ tensorflow: '2.21.0', variant: 'external' });
      expect(written()).toEqual(before);
    });

    it('is done again when a file was damaged', async () => {
      const found = await provision({ cache, libtensorflow });
      writeFileSync(found.binding, 'cut');
      const repaired = await provision({ cache, libtensorflow });
      expect(repaired.fresh).toBe(true);
      expect(readFileSync(repaired.binding).length).toBeGreaterThan(50_000);
      expect(hidden()).toEqual([]);
    });
  },
);

describe.skipIf(!existing)('a library that links but does not work', () => {
  it('fails the smoke test and is not kept', async () => {
    const folder = join(root, 'stub');
    mkdirSync(folder);
    for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
      execFileSync('c++', ['-shared', '-fPIC', '-x', 'c++', '/dev/null', '-o', join(folder, name)]);
    }
    symlinkSync(join(libtensorflow, 'include'), join(folder, 'include'));
    const stubCache = join(root, 'stub-cache');
    await expect(provision({ cache: stubCache, libtensorflow: folder })).rejects.toMatchObject({
      code: 'smoke-test-failed',
      message: expect.stringMatching(/does not work \((exit status|signal).*undefined symbol.*TF/s) as string,
    });
    expect(readdirSync(join(stubCache, 'engine'))).toEqual([]);
  });
});
