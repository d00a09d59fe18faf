/** A run whose process is killed twenty times, at moments nobody chose, ends as the one that was never killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startEngine } from '@pggan/engine';
import { disposeTrainingState, loadCheckpoint } from '@pggan/model';
import { RandomState } from '@pggan/random';
import { build } from 'vite';
import { beforeAll, expect, it } from 'vitest';
import { sortCheckpoints } from '../src/run/names.js';
import { temporaryFolder } from './support.js';

const kills = 20;

/** Most file events that a life sees, about a tick's worth. */
const mostEvents = 12;

const settings = {
  network: { resolution: 8, numChannels: 1, fmapBase: 4, fmapMax: 2, latentSize: 2, mbstdGroupSize: 2 },
  // 4x4, fade, 8x8; more ticks than twenty lives can reach.
  schedule: {
    minibatchBase: 2,
    lodTrainingKimg: 0.012,
    lodTransitionKimg: 0.012,
    tickKimgBase: 0.004,
    tickKimgDict: {},
  },
  minibatchRepeats: 1,
  networkSnapshotTicks: 1,
  snapshotGrid: { columns: 2, rows: 1 },
  totalKimg: 0.12,
};

let root: string;
let program: string;
beforeAll(async () => {
  root = await temporaryFolder();
  await startEngine({ backend: 'cpu' });
  // One file starts ten times as fast as the sources do; it lies where it finds sharp and our package.json.
  const outDir = join(import.meta.dirname, '../test-output');
  const conditions = ['@pggan/source', 'module', 'node', 'production'];
  await build({
    configFile: false,
    logLevel: 'error',
    root: import.meta.dirname,
    resolve: { conditions },
    ssr: { noExternal: true, external: ['sharp'], resolve: { conditions } },
    build: {
      ssr: 'kill-child.ts',
      outDir,
      emptyOutDir: false,
      minify: true,
      rollupOptions: { output: { entryFileNames: 'kill-child.mjs' } },
    },
  });
  program = join(outDir, 'kill-child.mjs');
});

function start(folder: string) {
  const child = spawn(process.execPath, [program, folder, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, stderr: () => stderr };
}

async function untilEnd(folder: string): Promise<void> {
  const { child, stderr } = start(folder);
  const [code] = await once(child, 'close');
  expect(code, stderr()).toBe(0);
}

/** Lives until `delay` ms after it is ready, or until a file is written after so many events in its folder. */
async function live(folder: string, delay: number, events: number): Promise<void> {
  const { child, stderr } = start(folder);
  const closed = once(child, 'close');
  let seen = 0;
  const watcher = watch(folder, (_, name) => {
    if (++seen >= events && name?.endsWith('.tmp')) child.kill('SIGKILL');
  });
  const ready = new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));
  await Promise.race([closed, ready.then(() => setTimeout(delay, undefined, { ref: false }))]);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  watcher.close();
  expect(signal, stderr()).toBe('SIGKILL');
}

it('killed twenty times', async () => {
  const [straight, killed] = ['straight', 'killed'].map((name) => join(root, name)) as [string, string];
  await Promise.all([straight, killed].map((folder) => mkdir(folder)));
  const unharmed = untilEnd(straight);

  const random = new RandomState(50);
  const [first] = await Promise.all([firstSnapshot(killed), live(killed, 60_000, 60)]);
  expect(first).toMatch(/^network-snapshot-/);
  let cut = 0;
  for (let kill = 1; kill < kills; kill++) {
    const byTime = random.uniforms(1)[0]! < 0.5;
    const delay = byTime ? random.randint(250) : 60_000;
    await live(killed, delay, byTime ? mostEvents : 1 + random.randint(mostEvents));
    const names = await readdir(killed);
    cut += names.some((name) => name.endsWith('.tmp')) ? 1 : 0;
    for (const name of sortCheckpoints(names)) disposeTrainingState(await loadCheckpoint(join(killed, name)));
  }
  // Some fell into the writing of a file, or this shows less than it says.
  expect(cut).toBeGreaterThan(0);
  expect(await readdir(killed)).not.toContain('_training-done.txt');

  await untilEnd(killed);
  await unharmed;
  expect(await readdir(killed)).toEqual(await readdir(straight));
  for (const name of await readdir(straight)) {
    const [ours, theirs] = await Promise.all(
      [killed, straight].map(async (folder) => await readFile(join(folder, name))),
    );
    if (name === 'log.txt') expect(ticksOf(ours!)).toEqual(ticksOf(theirs!));
    else expect(ours!.equals(theirs!), name).toBe(true);
  }
  // Twenty-two processes, one after another, on a machine that may be busy.
}, 600_000);

/** Sessions leave a line each; ticks are told once. */
function ticksOf(log: Buffer): string[] {
  return log
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('tick '));
}

async function firstSnapshot(folder: string): Promise<string> {
  for (;;) {
    const [first] = sortCheckpoints(await readdir(folder));
    if (first !== undefined) return first;
    await setTimeout(5);
  }
}
