/** pggan train --metrics: numbers on the way that leave the run as it would be without them. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricRecord } from '@pggan/metrics';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunLog } from '../src/run/log.js';
import { runHere, runWith, temporaryFolder, writeDiscs } from './support.js';

let root: string;
let data: string;
const metrics = ['--metrics', 'swd16,msssim16'];

beforeAll(async () => {
  root = await temporaryFolder();
  data = join(root, 'discs');
  await writeDiscs(data, 16, 32);
});

const still = () => ({ clock: () => 0, env: { PGGAN_CACHE: join(root, 'cache') } });
const runTimeless = (...argv: string[]) => runWith(still(), ...argv);

/** Ten ticks to 16x16, a snapshot every four. */
const options = (runs: string, ...more: string[]) => [
  ...['train', '--data', data, '--runs', runs, '--backend', 'wasm', '--fmap-base', '16', '--fmap-max', '2'],
  ...['--minibatch', '2', '--seed', '5', '--kimg', '0.08', '--tick-kimg', '0.008'],
  ...['--lod-training-kimg', '0.008', '--lod-transition-kimg', '0.008', '--keep-snapshots', 'all', ...more],
];

async function train(runs: string, ...more: string[]): Promise<string> {
  const { code, stderr } = await runTimeless(...options(runs, ...more));
  expect(code, stderr).toBe(0);
  return join(runs, '00000-discs-16x16');
}

const lines = async <Line>(folder: string, name: string) =>
  (await readFile(join(folder, name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('metrics on the way', () => {
  let plain: string;
  let measured: string;
  beforeAll(async () => {
    plain = await train(join(root, 'plain'));
    measured = await train(join(root, 'measured'), ...metrics);
  });

  it('leave every byte of weights and pictures as it is without them', async () => {
    const files = (await readdir(plain)).filter((name) => /\.(safetensors|png)$/.test(name));
    expect(files.length).toBeGreaterThan(5);
    expect((await readdir(measured)).filter((name) => /\.(safetensors|png)$/.test(name))).toEqual(files);
    for (const name of files) {
      const [a, b] = await Promise.all([plain, measured].map((folder) => readFile(join(folder, name))));
      expect(a!.equals(b!), name).toBe(true);
    }
  });

  it('stand in the rows of their ticks, and are those that pggan evaluate finds', async () => {
    const rows = await lines<Record<string, number>>(measured, 'stats.jsonl');
    const named = (row: Record<string, number>) =>
      Object.keys(row).filter((name) => /^(swd|msssim)/.test(name));
    expect(rows.map((row) => named(row).length)).toEqual([0, 0, 0, 3, 0, 0, 0, 3, 0, 3]);
    expect(named(rows[3]!)).toEqual(['swd16/SWDx1e3_16', 'swd16/SWDx1e3_avg', 'msssim16/MS-SSIM']);
    const before = await readFile(join(measured, 'metrics.jsonl'), 'utf8');
    const { code, stderr } = await runHere(
      'evaluate',
      measured,
      ...metrics,
      '--backend',
      'wasm',
      '--workers',
      '0',
      '--no-cache',
    );
    expect(code).toBe(0);
    // Three snapshots are known already, the reals are not.
    expect(stderr.match(/recorded before/g)).toHaveLength(3);
    expect((await readFile(join(measured, 'metrics.jsonl'), 'utf8')).startsWith(before)).toBe(true);
    expect(await readFile(join(measured, 'log.txt'), 'utf8')).toMatch(
      /^metrics at 0\.032 kimg: SWDx1e3_avg \d/m,
    );
  });

  it('decide which snapshot is the best', async () => {
    const folder = await train(
      join(root, 'best'),
      ...metrics,
      '--keep-best',
      'msssim16/MS-SSIM:higher',
      '--keep-snapshots',
      '1',
    );
    const rows = await lines<Record<string, number>>(folder, 'stats.jsonl');
    const best = rows
      .filter((row) => row['msssim16/MS-SSIM'] !== undefined)
      .reduce((a, b) => (b['msssim16/MS-SSIM']! >= a['msssim16/MS-SSIM']! ? b : a));
    const name = `network-snapshot-000000.${String(best['images']).padStart(3, '0')}.safetensors`;
    expect(await readdir(folder)).toContain(name);
  });

  it('that nobody measures are told when the best is to be kept by them', async () => {
    const { code, stderr } = await runTimeless(
      ...options(join(root, 'misspelt'), '--kimg', '0.016', '--keep-best', 'swd16/SWDx1e3'),
    );
    expect(code, stderr).toBe(0);
    expect(stderr.match(/no snapshot is kept as the best/g)).toHaveLength(1);
    expect(stderr).toMatch(/none has the number swd16\/SWDx1e3 in stats\.jsonl, which has TrainG\/.*Loss\//);
  });

  it('are measured on at a resume, and those that the run has left are dropped', async () => {
    const runs = join(root, 'resumed');
    const folder = await train(runs, ...metrics, '--metrics-every', '2');
    const all = await lines<MetricRecord>(folder, 'metrics.jsonl');
    expect(all.map(({ subject }) => subject.kimg)).toEqual(
      [0.016, 0.032, 0.048, 0.064, 0.08].flatMap((kimg) => [kimg, kimg]),
    );
    const early = (await readdir(folder)).find((name) => name.endsWith('.032.safetensors'))!;
    const branched = await runTimeless(
      'train',
      '--resume',
      join(folder, early),
      '--runs',
      runs,
      '--data',
      data,
    );
    expect(branched.code, branched.stderr).toBe(0);
    const branch = join(runs, '00001-discs-16x16');
    // The branch has its own, from where it begins.
    expect(await lines(branch, 'metrics.jsonl')).toEqual(all.slice(4));
    const none = await runTimeless('train', '--resume', branch, '--kimg', '0.096', '--metrics', 'none');
    expect(none.code, none.stderr).toBe(0);
    expect(await lines(branch, 'metrics.jsonl')).toEqual(all.slice(4));
    expect(JSON.parse(await readFile(join(branch, 'config.json'), 'utf8'))).toMatchObject({ metrics: null });
  });

  it('are kept up to the very snapshot that a run goes back to', async () => {
    const folder = join(root, 'rewound');
    await cp(measured, folder, { recursive: true });
    const [record] = await lines<MetricRecord>(folder, 'metrics.jsonl');
    // 32.112 * 1000 is a little more than 32112.
    const of = (kimg: number) => JSON.stringify({ ...record, subject: { ...record!.subject, kimg } });
    await writeFile(join(folder, 'metrics.jsonl'), `${[16, 32.112, 32.128].map(of).join('\n')}\n`);
    await writeFile(
      join(folder, 'log.txt'),
      'metrics at 32.112 kimg: kept\nmetrics at 32.128 kimg: dropped\n',
    );
    await new RunLog(folder).rewind({ nimg: 32112, tick: 9 });
    const kept = await lines<MetricRecord>(folder, 'metrics.jsonl');
    expect(kept.map(({ subject }) => subject.kimg)).toEqual([16, 32.112]);
    expect(await readFile(join(folder, 'log.txt'), 'utf8')).toBe('metrics at 32.112 kimg: kept\n');
  });

  it('that cannot be measured are refused before the run begins', async () => {
    const runs = join(root, 'refused');
    const result = await runHere(
      ...[
        'train',
        '--data',
        data,
        '--runs',
        runs,
        '--backend',
        'cpu',
        '--metrics',
        'fid64',
        '--kimg',
        '0.008',
      ],
      ...['--fmap-base', '16', '--fmap-max', '2'],
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('fid64 needs a feature extractor (--extractor)');
    expect(await readdir(runs)).toEqual([]);
  });

  it('that fail on the way are told, and the run goes on', async () => {
    const runs = join(root, 'failing');
    await writeFile(join(root, 'file'), 'no folder');
    const { code, stderr } = await runWith(
      { clock: () => 0, env: { PGGAN_CACHE: join(root, 'file') } },
      ...[
        'train',
        '--data',
        data,
        '--runs',
        runs,
        '--backend',
        'wasm',
        '--fmap-base',
        '16',
        '--fmap-max',
        '2',
      ],
      ...['--minibatch', '2', '--kimg', '0.032', '--tick-kimg', '0.008', ...metrics],
      ...['--lod-training-kimg', '0', '--lod-transition-kimg', '0'],
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/metrics at 0\.032 kimg left out: .*the cache/);
    const [run] = await readdir(runs);
    expect(await readdir(join(runs, run!))).toContain('_training-done.txt');
  });
});
