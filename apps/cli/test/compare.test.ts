import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricRecord } from '@pggan/metrics';
import { expect, it } from 'vitest';
import { runHere, temporaryFolder } from './support.js';

type Value = MetricRecord['values'][number];

function record(kimg: number | null, values: readonly Value[], metric = 'fid50k'): MetricRecord {
  return {
    version: 1,
    metric,
    subject: {
      kind: 'snapshot',
      name:
        kimg === null
          ? 'network-final.safetensors'
          : `network-snapshot-${String(kimg).padStart(6, '0')}.safetensors`,
      identity: 'ab',
      kimg,
    },
    values: [...values],
    spreadOf: 'jackknife over 10 parts of the images',
    seconds: 3,
    provenance: {
      protocol: 1,
      kind: 'fid',
      images: 50000,
      shape: '3x128x128',
      settings: { dimension: 2048 },
      repeats: 1,
      seed: 0,
      minibatch: 64,
      reals: { kind: 'dataset', name: 'people', identity: 'cd', count: 30000, split: 'train' },
      extractor: { name: 'inception', hash: 'ef', resizer: 'none', runtime: 'onnxruntime 1.30.0' },
      code: 'pggan 0.1.0',
    },
  };
}

const fid = (value: number | null, spread: number | null, name = 'FID'): Value => ({ name, value, spread });

const root = await temporaryFolder();
const lines = (records: readonly MetricRecord[]) =>
  records.map((each) => `${JSON.stringify(each)}\n`).join('');

/** Two files of records; compared as they lie there. */
async function compare(
  one: readonly MetricRecord[],
  other: readonly MetricRecord[],
  ...options: readonly string[]
) {
  const paths = [join(root, 'one.jsonl'), join(root, 'other.jsonl')] as const;
  await writeFile(paths[0], lines(one));
  await writeFile(paths[1], lines(other));
  const output = await runHere('compare', ...paths, ...options);
  // Without the folder and the padding that depends on its length.
  const rows = output.stdout.split('\n').map((row) => row.replaceAll(`${root}/`, '').split(/ {2,}/));
  return { ...output, rows };
}

it('the difference is the second less the first, with both spreads in it', async () => {
  const { code, stderr, rows } = await compare(
    [record(6000, [fid(10, 0.3)])],
    [record(6000, [fid(12, 0.4)])],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(rows).toEqual([
    ['fid50k', 'one.jsonl, 6000 kimg', 'other.jsonl, 6000 kimg', 'difference'],
    ['FID', '10.0000 ±0.3000', '12.0000 ±0.4000', '+2.0000 ±0.5000, 4.0 spreads'],
    [''],
  ]);
});

it.each([
  [
    'less',
    fid(12, 0.4),
    fid(10, 0.3),
    ['12.0000 ±0.4000', '10.0000 ±0.3000', '-2.0000 ±0.5000, 4.0 spreads'],
  ],
  ['nothing', fid(5, 0.3), fid(5, 0.4), ['5.0000 ±0.3000', '5.0000 ±0.4000', '+0.0000 ±0.5000, 0.0 spreads']],
  ['no spread at all', fid(1, 0), fid(3, 0), ['1.0000 ±0.0000', '3.0000 ±0.0000', '+2.0000 ±0.0000']],
  ['no spread of the first', fid(10, null), fid(8, 0.4), ['10.0000', '8.0000 ±0.4000', '-2.0000']],
  ['no spread of the second', fid(10, 0.3), fid(12, null), ['10.0000 ±0.3000', '12.0000', '+2.0000']],
  ['no first value', fid(null, null), fid(12, 0.4), ['none', '12.0000 ±0.4000']],
  ['no second value', fid(10, 0.3), fid(null, null), ['10.0000 ±0.3000', 'none']],
  ['another name', fid(10, 0.3), fid(12, 0.4, 'other'), ['10.0000 ±0.3000', 'none']],
] as const)('a row of %s', async (_, one, other, cells) => {
  const { code, rows } = await compare([record(1, [one])], [record(1, [other])]);
  expect(code).toBe(0);
  expect(rows[1]).toEqual(['FID', ...cells]);
});

it('a table for every metric that both have, of the newest snapshots; --metric and --kimg choose', async () => {
  const one = [
    record(4000, [fid(20, null)]),
    record(6000, [fid(10, null)]),
    record(6000, [fid(0.5, null, 'KID')], 'kid50k'),
    record(6000, [fid(0.1, null, 'MS-SSIM')], 'msssim20k'),
    { ...record(9000, [fid(1, null)]), subject: { ...record(9000, []).subject, kind: 'reals' as const } },
  ];
  // The newest is not the last line.
  const other = [
    record(6000, [fid(12, null)]),
    record(4000, [fid(25, null)]),
    record(6000, [fid(0.75, null, 'KID')], 'kid50k'),
  ];
  const differences = async (...options: readonly string[]) => {
    const { code, rows } = await compare(one, other, ...options);
    expect(code).toBe(0);
    return rows.filter((row) => row.length === 4 && row[3] !== 'difference').map((row) => [row[0], row[3]]);
  };
  expect(await differences()).toEqual([
    ['FID', '+2.0000'],
    ['KID', '+0.2500'],
  ]);
  expect(await differences('--metric', 'kid50k')).toEqual([['KID', '+0.2500']]);
  expect(await differences('--kimg', '4000')).toEqual([['FID', '+5.0000']]);
  // Of imported weights the name alone may tell.
  const { subject } = other[1]!;
  other[1] = { ...other[1]!, subject: { ...subject, kimg: null } };
  expect(await differences('--kimg', '4000')).toEqual([['FID', '+5.0000']]);

  const { code, stdout, stderr } = await compare(one, other, '--metric', 'msssim20k');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('nothing to compare of msssim20k: ');
  expect(stderr).toContain(
    'one.jsonl has fid50k (4000, 6000 kimg), kid50k (6000 kimg), msssim20k (6000 kimg); ',
  );
  expect(stderr).toContain(
    'other.jsonl has fid50k (4000, 6000 kimg), kid50k (6000 kimg). Measure the same with',
  );
  const named = { ...record(null, [fid(1, null)]), subject: { ...subject, name: 'fakes', kimg: null } };
  expect((await compare([named], [], '--kimg', '7')).stderr).toMatch(
    /nothing to compare at 7 kimg: .*one\.jsonl has fid50k \(fakes\); .*other\.jsonl has no numbers\. Measure/,
  );
  // A snapshot goes by its exact length and by that in its name.
  const { subject: exact, ...rest } = record(6, [fid(10, null)]);
  const rounded: MetricRecord = { ...rest, subject: { ...exact, kimg: 6.144 } };
  for (const kimg of ['6', '6.144'])
    expect((await compare([rounded], [rounded], '--kimg', kimg)).code).toBe(0);
  expect((await compare([rounded], [rounded], '--kimg', '7')).code).toBe(1);
  // What only names tell is ordered, too.
  const unsaid = one
    .filter(({ metric, subject: { kind } }) => metric === 'fid50k' && kind === 'snapshot')
    .reverse()
    .map((each) => ({ ...each, subject: { ...each.subject, kimg: null } }));
  const { rows } = await compare(unsaid, [record(6000, [fid(12, null)])]);
  expect(rows[1]).toEqual(['FID', '10.0000', '12.0000', '+2.0000']);
});

it('--json prints the pairs and what differs between them', async () => {
  const [one, plain] = [record(6000, [fid(10, 0.3)]), record(6000, [fid(12, 0.4)])];
  const other = { ...plain, provenance: { ...plain.provenance, seed: 7 } };
  const told = [{ what: 'seed', one: 0, other: 7 }];
  const { code, stdout } = await compare([one], [other], '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([{ one, other, told }]);
  expect((await compare([one], [other])).stdout).toContain('\nseed: 0 and 7\n');
});

it('runs are found by folder and by number', async () => {
  for (const [name, value] of [
    ['00003-people-128x128', 10],
    ['00004-people-128x128', 12],
  ] as const) {
    await mkdir(join(root, 'runs', name), { recursive: true });
    await writeFile(join(root, 'runs', name, 'metrics.jsonl'), lines([record(null, [fid(value, 0)])]));
  }
  const { code, stdout } = await runHere('compare', '3', '4', '--runs', join(root, 'runs'));
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^fid50k +3, network-final\.safetensors +4, network-final\.safetensors +difference\n/,
  );
  expect(stdout).toContain('+2.0000 ±0.0000\n');
  const folder = join(root, 'runs', '00003-people-128x128');
  expect((await runHere('compare', folder, '4', '--runs', join(root, 'runs'))).stdout).toContain('+2.0000');

  const nowhere = await runHere('compare', '3', join(root, 'nowhere.jsonl'), '--runs', join(root, 'runs'));
  expect(nowhere).toMatchObject({ code: 1, stderr: `error: ${root}/nowhere.jsonl: there is no such file\n` });
  const missing = await runHere('compare', '3', '9', '--runs', join(root, 'runs'));
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toMatch(
    /no run "9" in \S+runs; there are 00003-people-128x128, 00004-people-128x128\n/,
  );
});

it('a damaged file is refused by name and line', async () => {
  const [good, damaged] = [join(root, 'good.jsonl'), join(root, 'damaged.jsonl')];
  const text = lines([record(1, [fid(1, 0)]), record(2, [fid(1, 0)])]);
  await writeFile(good, text);
  await writeFile(
    damaged,
    text.replace('"version":1,"metric":"fid50k","subject":{"kind":"snapshot"', '"ver'),
  );
  const first = await runHere('compare', good, damaged);
  expect(first).toMatchObject({ code: 1, stdout: '' });
  expect(first.stderr).toContain(`${damaged}, line 1: expected a record of a metric, got no JSON`);

  const odd = { ...record(2, [fid(1, 0)]), version: 2 };
  await writeFile(damaged, `${lines([record(1, [fid(1, 0)])])}${JSON.stringify(odd)}\n`);
  const second = await runHere('compare', damaged, good);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toContain(
    `${damaged}, line 2: is no record of a metric (version: expected 1, got 2)`,
  );
  expect(second.stderr).not.toContain('    at ');
});
