/** Going on with other settings, with fewer snapshots, and after a run was lost. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { divergenceOption } from '../src/options/divergence.js';
import { keepBestOption, keepSnapshotsOption } from '../src/options/retention.js';
import { RunLog } from '../src/run/log.js';
import { judgeFolder, pruneSnapshots, removeLeftovers } from '../src/run/snapshots.js';
import { runHere, temporaryFolder, writeDiscs } from './support.js';

const small = ['--backend', 'cpu', '--fmap-base', '16', '--fmap-max', '2', '--minibatch', '2', '--seed', '5'];
const lengths = ['--lod-training-kimg', '0.016', '--lod-transition-kimg', '0.016', '--tick-kimg', '0.008'];

let root: string;
let data: string;
let finished: string;
beforeAll(async () => {
  root = await temporaryFolder();
  data = join(root, 'discs');
  await writeDiscs(data, 8, 24);
  // Ten ticks: 4x4, a fade, 8x8; a snapshot every four ticks and at the end.
  const runs = join(root, 'finished');
  const where = ['--data', data, '--runs', runs, '--keep-snapshots', 'all'];
  const { code, stderr } = await runHere('train', ...where, ...small, ...lengths, '--kimg', '0.08');
  expect(code, stderr).toBe(0);
  finished = join(runs, '00000-discs-8x8');
});

/** A copy of the finished run: a folder copied elsewhere is a run as well. */
async function finishedRun(name: string): Promise<{ runs: string; run: string }> {
  const runs = join(root, name);
  const run = join(runs, '00000-discs-8x8');
  await cp(finished, run, { recursive: true });
  return { runs, run };
}

const jsonLines = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const snapshotsOf = async (run: string) => (await readdir(run)).filter((name) => name.startsWith('network-'));

describe('a run that is continued', () => {
  let runs: string;
  let run: string;
  beforeAll(async () => {
    ({ runs, run } = await finishedRun('changes'));
  });

  it('with other networks or another seed is refused, setting by setting, and nothing is touched', async () => {
    const before = await readdir(run);
    const { code, stdout, stderr } = await runHere(
      ...[
        'train',
        '--runs',
        runs,
        '--resume',
        '0',
        '--fmap-max',
        '4',
        '--seed',
        '6',
        '--kimg',
        '0.1',
        '--json',
      ],
    );
    expect(code).toBe(1);
    expect(stderr).toContain('00000-discs-8x8 cannot go on with other settings than it began with');
    expect(stderr).toMatch(/^ {2}seed +5 +6 +refused: first weights/m);
    expect(stderr).toMatch(/^ {2}network\.fmapMax +2 +4 +refused: /m);
    expect(stderr).toMatch(/^ {2}totalKimg +0\.08 +0\.1 +allowed: /m);
    const { error } = JSON.parse(stdout) as {
      error: { code: string; differences: { setting: string; class: string }[] };
    };
    expect(error.code).toBe('settings-refused');
    expect(error.differences.map(({ setting, class: taken }) => `${setting} ${taken}`)).toEqual([
      'seed refused',
      'network.fmapMax refused',
      'totalKimg allowed',
    ]);
    expect(await readdir(run)).toEqual(before);
  });

  it('under a preset is compared with all of it', async () => {
    const { code, stderr } = await runHere('train', '--runs', runs, '--resume', '0', '--preset', 'v2-1gpu');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ {2}network\.fmapBase +16 +8192 +refused/m);
    expect(stderr).toMatch(/^ {2}adam|^ {2}GSmoothing +0\.99 +0\.999 +allowed/m);
  });

  it('with another rate and length goes on, says so, and logs it; a tick length is nobody’s business', async () => {
    const { code, stdout, stderr } = await runHere(
      ...['train', '--runs', runs, '--resume', '0', '--kimg', '0.112', '--json'],
      ...['--learning-rate', '0.002', '--tick-kimg', '0.016'],
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^ {2}schedule\.GlrateBase +0\.003 +0\.002 +allowed: the rate of G from here on$/m,
    );
    expect(stderr).toMatch(/^ {2}schedule\.tickKimgBase +0\.008 +0\.016 +harmless: /m);
    const result = JSON.parse(stdout) as { changes: { setting: string }[]; events: unknown[] };
    const settings = result.changes.map(({ setting }) => setting);
    expect(settings).toEqual([
      'schedule.GlrateBase',
      'schedule.DlrateBase',
      'schedule.tickKimgBase',
      'totalKimg',
    ]);
    const events = await jsonLines(join(run, 'events.jsonl'));
    expect(result.events).toEqual(events);
    expect(events).toMatchObject([
      {
        number: 1,
        event: 'settings-changed',
        images: 80,
        changes: [
          { setting: 'schedule.GlrateBase', was: 0.003, now: 0.002, class: 'allowed' },
          { setting: 'schedule.DlrateBase' },
          { setting: 'totalKimg', was: 0.08, now: 0.112 },
        ],
      },
    ]);
    expect(await readFile(join(run, 'log.txt'), 'utf8')).toContain(
      'settings changed at 0.08 kimg: schedule.GlrateBase 0.003 -> 0.002; ',
    );
    const rates = (await jsonLines(join(run, 'stats.jsonl'))).map((row) => [
      row['images'],
      row['TrainG/learning_rate'],
    ]);
    expect(rates.slice(-3)).toEqual([
      [80, 0.003],
      [96, 0.002],
      [112, 0.002],
    ]);
    // The first end is now a snapshot like others, and the last one the end.
    expect(await readdir(run)).toContain('_training-done.txt');
    const config = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
    expect(config.training).toMatchObject({ totalKimg: 0.112, schedule: { GlrateBase: 0.002 } });
  });

  it('says that another number of threads is another engine', async () => {
    const path = join(run, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    // As if it had begun on TensorFlow's eight threads; this engine has one.
    await writeFile(path, JSON.stringify({ ...config, engine: { ...config.engine, threads: 8 } }));
    const { code, stderr } = await runHere('train', '--runs', runs, '--resume', '0', '--kimg', '0.12');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^ {2}engine\.threads +8 +1 +allowed: .*up to rounding$/m);
  });

  it('is no place for --minutes', async () => {
    const { code, stderr } = await runHere('train', '--resume', run, '--minutes', '3');
    expect(code).toBe(2);
    expect(stderr).toContain('--minutes: chooses the lengths of a new run');
  });
});

describe('snapshots', () => {
  it('of a run: the newest that were asked for, and the best', async () => {
    const { runs, run } = await finishedRun('kept');
    const { code } = await runHere(
      ...['train', '--runs', runs, '--resume', '0', '--kimg', '0.088'],
      ...['--keep-snapshots', '1', '--keep-best', 'Progress/lod:higher'],
    );
    expect(code).toBe(0);
    // At 32 images 8x8 had almost faded in, from then on lod was 0.
    expect(await snapshotsOf(run)).toEqual([
      'network-final.safetensors',
      'network-snapshot-000000.032.safetensors',
      'network-snapshot-000000.088.safetensors',
    ]);
    const config = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
    expect(config.snapshots).toEqual({
      last: 1,
      perResolution: true,
      best: { metric: 'Progress/lod', prefer: 'higher' },
    });
  });

  it('are judged by what their heads and the log say', async () => {
    const { run } = await finishedRun('judged');
    expect(await snapshotsOf(run)).toHaveLength(4);
    const rows = await new RunLog(run).readStats();
    const scores = [32, 64, 80].map(
      (images) => rows.find((row) => row.images === images)!['Loss/real_scores']!,
    );
    const best = { metric: 'Loss/real_scores', prefer: 'higher' } as const;
    const judged = await judgeFolder(run, { last: 1, perResolution: true, best });
    expect(judged.map(({ snapshot }) => [snapshot.nimg, snapshot.resolution])).toEqual([
      [32, 8],
      [64, 8],
      [80, 8],
    ]);
    const bestAt = [32, 64, 80][scores.indexOf(Math.max(...scores))];
    expect(judged.find(({ reasons }) => reasons.includes('best'))!.snapshot.nimg).toBe(bestAt);
    await writeFile(join(run, 'network-snapshot-000000.090.safetensors'), 'damaged');
    await pruneSnapshots(run, { last: 1, perResolution: false, best: null });
    // What cannot be read is not ours to delete.
    expect(await snapshotsOf(run)).toEqual([
      'network-final.safetensors',
      'network-snapshot-000000.080.safetensors',
      'network-snapshot-000000.090.safetensors',
    ]);
  });

  it('half written by a process that is gone are cleared away', async () => {
    const folder = await temporaryFolder();
    // No process has number 2^30.
    for (const name of ['a.safetensors.1073741824.tmp', `b.png.${process.pid}.tmp`, 'notes.tmp']) {
      await writeFile(join(folder, name), '');
    }
    await removeLeftovers(folder);
    expect((await readdir(folder)).sort()).toEqual([`b.png.${process.pid}.tmp`, 'notes.tmp']);
  });
});

describe('a run that is lost', () => {
  it('goes back to its snapshots, gives up, and can be continued with a lower rate', async () => {
    const { runs, run } = await finishedRun('lost');
    const { code, stderr, stdout } = await runHere(
      ...['train', '--runs', runs, '--resume', '0', '--kimg', '0.12', '--learning-rate', '100'],
      ...['--divergence', 'rollbacks=2'],
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('after 2 rollbacks that did not help');
    expect(stderr).toContain(`--resume ${run} --learning-rate RATE`);
    const events = await jsonLines(join(run, 'events.jsonl'));
    const told = events.filter(({ event }) => event !== 'skipped');
    expect(
      told.map(({ event, backTo }) => [event, (backTo as { images: number } | undefined)?.images]),
    ).toEqual([
      ['settings-changed', undefined],
      ['rolled-back', 80],
      ['rolled-back', 64],
      ['gave-up', undefined],
    ]);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i + 1));
    // What was written past the snapshot it went back to is gone, in files and in the log.
    expect(await snapshotsOf(run)).toEqual([
      'network-snapshot-000000.032.safetensors',
      'network-snapshot-000000.064.safetensors',
    ]);
    expect((await jsonLines(join(run, 'stats.jsonl'))).at(-1)).toMatchObject({ images: 64 });

    expect((await runHere('explain', run)).stdout).toMatch(/^00000-discs-8x8 gave up after /);

    const again = await runHere('train', '--runs', runs, '--resume', '0', '--learning-rate', '0.001');
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('at 0.064 of 0.12 kimg');
    expect((await jsonLines(join(run, 'stats.jsonl'))).at(-1)).toMatchObject({ images: 120 });
  });
});

describe('options', () => {
  it.each<[string, unknown]>([
    ['off', { nonFinite: false, scoreDrift: false, gradientJump: false }],
    ['score-drift=20000', { scoreDrift: { limit: 20000 } }],
    [
      'gradient-jump=off, non-finite=3,rollbacks=0,rate-factor=0.5',
      { gradientJump: false, nonFinite: { passes: 3 }, rollbacks: 0, rateFactor: 0.5 },
    ],
  ])('--divergence %s', (text, expected) => {
    expect(divergenceOption().parse(text)).toEqual(expected);
  });

  it.each([
    ['drift=3', 'with keys non-finite, score-drift, gradient-jump, rollbacks, rate-factor, got "drift=3"'],
    ['rollbacks=-1', 'rollbacks: expected a whole number of at least 0'],
    ['gradient-jump=1', 'gradient-jump: '],
  ])('--divergence %s is refused', (text, message) => {
    const { error } = divergenceOption().safeParse(text);
    expect(error?.issues[0]?.message).toContain(message);
  });

  it.each<[string, unknown]>([
    ['none', null],
    ['FID50k', { metric: 'FID50k', prefer: 'lower' }],
    ['Loss/mixed_norms:higher', { metric: 'Loss/mixed_norms', prefer: 'higher' }],
  ])('--keep-best %s', (text, expected) => {
    expect(keepBestOption().parse(text)).toEqual(expected);
  });

  it('--keep-best a:b and --keep-snapshots 0 are refused', () => {
    expect(keepBestOption().safeParse('a:b').success).toBe(false);
    expect(keepSnapshotsOption().safeParse('0').success).toBe(false);
    expect(keepSnapshotsOption().parse('all')).toBe('all');
    expect(keepSnapshotsOption().parse('7')).toBe(7);
  });
});
