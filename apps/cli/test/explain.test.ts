import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../src/explain/report.js';
import { markRunning } from '../src/run/marker.js';
import { runHere, temporaryFolder, writeDiscs } from './support.js';

let root: string;
let finished: string;

beforeAll(async () => {
  root = await temporaryFolder();
  const data = join(root, 'discs');
  await writeDiscs(data, 16, 24);
  const runs = join(root, 'runs');
  const { code, stderr } = await runHere(
    ...['train', '--data', data, '--runs', runs, '--backend', 'wasm', '--fmap-base', '32', '--fmap-max', '4'],
    ...['--minibatch', '4', '--kimg', '0.32', '--tick-kimg', '0.016'],
    ...['--lod-training-kimg', '0.064', '--lod-transition-kimg', '0.064'],
  );
  expect(stderr).toContain('run folder');
  expect(code).toBe(0);
  finished = join(runs, '00000-discs-16x16');
});

/** The same run as it was after some ticks. */
async function after(ticks: number): Promise<string> {
  const folder = join(root, `after-${ticks}`);
  await rm(folder, { recursive: true, force: true });
  await cp(finished, folder, { recursive: true });
  await rm(join(folder, '_training-done.txt'));
  await rm(join(folder, 'network-final.safetensors'));
  const rows = (await readFile(join(folder, 'stats.jsonl'), 'utf8')).split('\n').slice(0, ticks);
  await writeFile(join(folder, 'stats.jsonl'), rows.map((row) => `${row}\n`).join(''));
  return folder;
}

async function explain(folder: string): Promise<RunReport> {
  const { code, stdout, stderr } = await runHere('explain', folder, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as RunReport;
}

describe('pggan explain', () => {
  it('says that a run is finished, what it was trained on, and how to train on', async () => {
    const { code, stdout } = await runHere('explain', '--runs', join(root, 'runs'));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^00000-discs-16x16 is finished: 0\.32 of 0\.32 kimg\n {2}phase: 16x16, fully visible/,
    );
    expect(stdout).toContain('  trained on: discs, 24 images of 16x16');
    expect(stdout).toContain('with preset sample, wasm');
    expect(stdout).toContain(`--resume ${finished} --kimg 1`);
    expect(stdout).not.toContain('next:');
  });

  it('says what comes next in the middle of a fade', async () => {
    // 96 of 128 images of the first fade.
    const report = await explain(await after(6));
    expect(report).toMatchObject({
      status: 'stopped',
      kimg: 0.096,
      totalKimg: 0.32,
      tick: 6,
      width: 8,
      height: 8,
      kind: 'fade',
      visible: 0.5,
      minibatch: 4,
      preset: 'sample',
      skippedTicks: 0,
    });
    expect(report.next.map(({ what, kimg, width }) => [what, expect.closeTo(kimg, 9), width])).toEqual([
      ['pictures', 0.112, undefined],
      ['fade-ends', 0.128, 8],
      ['snapshot', 0.128, undefined],
      ['fade-begins', 0.192, 16],
      ['end', 0.32, undefined],
    ]);
    const times = report.next.map(({ seconds }) => seconds!);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(0);
    expect(report.secondsLeft).toBe(times.at(-1));
  });

  it('says when metrics are due, at every snapshot or every few ticks', async () => {
    const folder = await after(6);
    const path = join(folder, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as object;
    const due = async (everyTicks: number | null) => {
      await writeFile(path, JSON.stringify({ ...config, metrics: { names: ['swd1k'], everyTicks } }));
      return (await explain(folder)).next.find(({ what }) => what === 'metrics')!.kimg;
    };
    expect(await due(null)).toBeCloseTo(0.128, 9);
    expect(await due(5)).toBeCloseTo(0.16, 9);
    expect((await runHere('explain', folder)).stdout).toContain('  next: metrics at 0.16 kimg');
  });

  it('extrapolates the time left from what the run was seen to take', async () => {
    const folder = await after(6);
    const left = (await explain(folder)).secondsLeft!;
    const rows = (await readFile(join(folder, 'stats.jsonl'), 'utf8')).trim().split('\n');
    const slower = rows.map((row) => {
      const values = JSON.parse(row) as Record<string, number>;
      return JSON.stringify({ ...values, 'Timing/sec_per_kimg': values['Timing/sec_per_kimg']! * 10 });
    });
    await writeFile(join(folder, 'stats.jsonl'), `${slower.join('\n')}\n{"images": 11`);
    // Recording steps is not repeated; the wasm engine has none to speak of.
    expect((await explain(folder)).secondsLeft! / left).toBeGreaterThan(5);
    await rm(join(folder, 'measures.json'));
    expect((await explain(folder)).secondsLeft).toBeGreaterThan(0);
  });

  it('knows a run that is running from one that was killed, stopped, or is elsewhere', async () => {
    const folder = await after(3);
    const unmark = await markRunning(folder);
    expect(await explain(folder)).toMatchObject({ status: 'running', pid: process.pid });
    const running = await runHere('explain', folder);
    expect(running.stdout).toContain(`is training now (process ${process.pid}): 0.048 of 0.32 kimg`);
    expect(running.stdout).not.toContain('--resume');
    await unmark();
    expect(await explain(folder)).toMatchObject({ status: 'stopped' });

    const marker = (values: object) => writeFile(join(folder, 'running.json'), JSON.stringify(values));
    const { pid } = spawnSync(process.execPath, ['--version']);
    await marker({ pid, host: hostname(), born: '1' });
    expect(await explain(folder)).toMatchObject({ status: 'killed' });
    const killed = await runHere('explain', folder);
    expect(killed.stdout).toContain('was interrupted: its process');
    expect(killed.stdout).toContain('go on, from network-snapshot-');
    // The id of a process that lives, but was born at another time.
    if (process.platform === 'linux') {
      await marker({ pid: process.pid, host: hostname(), born: '1' });
      expect(await explain(folder)).toMatchObject({ status: 'killed' });
    }
    await marker({ pid, host: 'another-machine' });
    expect(await explain(folder)).toMatchObject({ status: 'elsewhere', host: 'another-machine' });
  });

  it('tells of divergence and of skipped updates', async () => {
    const folder = await after(4);
    const lost = { rule: 'scoreDrift', cause: 'mean score of reals 21000' };
    const back = { ...lost, event: 'rolled-back', images: 48, backTo: { images: 32, tick: 2 } };
    const logged = async (...events: object[]) => {
      const lines = events.map((event, i) => `${JSON.stringify({ number: i + 1, ...event })}\n`);
      await writeFile(join(folder, 'events.jsonl'), lines.join(''));
    };
    const skipped = { event: 'skipped', images: 40, rule: 'nonFinite', cause: '50% of the updates' };
    await logged(skipped, skipped, back);
    await appendFile(
      join(folder, 'stats.jsonl'),
      `${JSON.stringify({ images: 80, 'Progress/tick': 5, 'TrainD/overflow_frequency': 0.5 })}\n`,
    );
    const { stdout } = await runHere('explain', folder);
    expect(stdout).toContain(
      '  divergence at 0.048 kimg (scoreDrift): mean score of reals 21000; back to 0.032 kimg',
    );
    expect(stdout).toContain('updates were skipped in 1 tick: ');
    // Told by the tick, not one by one.
    expect(stdout).not.toContain('50% of the updates');

    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    config.training.divergence = { rateFactor: 0.5 };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await logged(back, back, { ...back, event: 'gave-up', backTo: undefined });
    const { GlrateBase } = config.training.schedule;
    expect(await explain(folder)).toMatchObject({ status: 'gave-up', GLearningRate: GlrateBase / 4 });
    const lines = (await runHere('explain', folder)).stdout;
    expect(lines).toMatch(/ gave up after 0\.08 of 0\.32 kimg, for training diverged$/m);
    expect(lines).toMatch(/ go on, from network-snapshot-.* --learning-rate RATE$/m);
  });

  it('refuses what is no run, naming it', async () => {
    const empty = join(root, 'empty');
    await mkdir(empty, { recursive: true });
    const fail = async (...argv: string[]) => {
      const { code, stdout, stderr } = await runHere('explain', ...argv);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      return stderr;
    };
    expect(await fail(empty)).toContain(`${empty} is not a run folder: cannot read config.json (ENOENT)`);
    expect(await fail('7', '--runs', join(root, 'runs'))).toContain('no run "7"');
    expect(await fail('--runs', join(root, 'nowhere'))).toContain('there is no run in');
    const broken = await after(2);
    await writeFile(join(broken, 'config.json'), '{"schemaVersion": 1');
    expect(await fail(broken)).toContain('config.json is not JSON');
    await writeFile(join(broken, 'config.json'), '{"schemaVersion": 9}');
    expect(await fail(broken)).toContain('schemaVersion: expected 1, got 9');
  });
});
