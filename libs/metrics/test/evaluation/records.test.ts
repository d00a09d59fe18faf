import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendRecords, readRecords, requireComparable, type MetricRecord } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';

const folder = temporaryFolder();

const record: MetricRecord = {
  version: 1,
  metric: 'fid50k',
  subject: { kind: 'snapshot', name: 'network-snapshot-000012.safetensors', identity: 'ab', kimg: 12 },
  values: [{ name: 'FID', value: 12.5, spread: null }],
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

describe('records on disk', () => {
  it('come back as they were, in order; there are none in no file', async () => {
    const path = join(folder, 'round.jsonl');
    expect(await readRecords(path)).toEqual([]);
    await appendRecords(path, [record]);
    await appendRecords(path, [{ ...record, metric: 'fid10k' }, record]);
    expect((await readRecords(path)).map(({ metric }) => metric)).toEqual(['fid50k', 'fid10k', 'fid50k']);
    expect((await readRecords(path))[0]).toEqual(record);
  });

  it('survive a process that was killed while it wrote', async () => {
    const path = join(folder, 'cut.jsonl');
    await appendRecords(path, [record]);
    appendFileSync(path, JSON.stringify(record).slice(0, 50));
    expect(await readRecords(path)).toEqual([record]);
    await appendRecords(path, [record]);
    expect(await readRecords(path)).toEqual([record, record]);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  it.each([
    ['no json\n', 'line 1: expected a record of a metric, got no JSON'],
    [
      `${JSON.stringify(record)}\n{"version":1}\n`,
      'line 2: is no record of a metric (metric: expected string, got nothing; ',
    ],
    [
      `${JSON.stringify({ ...record, version: 2 })}\n`,
      'line 1: is no record of a metric (version: expected 1, got 2)',
    ],
  ])('that are none are refused by file and line', async (text, message) => {
    const path = join(folder, 'odd.jsonl');
    writeFileSync(path, text);
    await expect(readRecords(path)).rejects.toMatchObject({
      code: 'records-invalid',
      message: expect.stringContaining(`odd.jsonl, ${message}`) as string,
    });
  });

  it('cannot be written where there is no folder', async () => {
    await expect(appendRecords(join(folder, 'none', 'x.jsonl'), [record])).rejects.toMatchObject({
      code: 'records-invalid',
      message: expect.stringContaining('cannot be written: no such file or directory') as string,
    });
  });
});

describe('numbers are compared', () => {
  const other = (change: object): MetricRecord => ({
    ...record,
    provenance: { ...record.provenance, ...change },
  });

  it.each([
    [
      'another extractor',
      { extractor: { name: 'inception', hash: 'xy', resizer: 'none', runtime: 'onnxruntime 1.30.0' } },
      'extractor.hash ef (inception) and xy (inception)',
    ],
    [
      'another resizer',
      { extractor: { ...record.provenance.extractor!, resizer: 'bilinear' } },
      'extractor.resizer',
    ],
    ['no extractor', { extractor: null }, 'extractor.hash ef (inception) and none'],
    ['another count', { images: 10000 }, 'images 50000 and 10000'],
    [
      'other real images',
      { reals: { ...record.provenance.reals!, name: 'cats', identity: 'xy' } },
      'reals.identity cd (people) and xy (cats)',
    ],
    ['another size', { shape: '3x64x64' }, 'shape 3x128x128 and 3x64x64'],
    ['another setting', { settings: { dimension: 192 } }, 'settings.dimension 2048 and 192'],
    ['another metric', { kind: 'kid' }, 'kind fid and kid'],
    ['another protocol', { protocol: 2 }, 'protocol 1 and 2'],
  ])('but not with %s', (_, change, message) => {
    expect(() => requireComparable(record, other(change))).toThrow(message);
    expect(() => requireComparable(record, other(change))).toThrow('are unlike numbers');
  });

  it('and what else differs is told', () => {
    expect(requireComparable(record, record)).toEqual([]);
    const reals = { ...record.provenance.reals!, name: 'elsewhere', split: null };
    expect(requireComparable(record, other({ seed: 7, code: 'pggan 0.2.0', reals }))).toEqual([
      { what: 'seed', one: 0, other: 7 },
      { what: 'reals.name', one: 'people', other: 'elsewhere' },
      { what: 'reals.split', one: 'train', other: null },
      { what: 'code', one: 'pggan 0.1.0', other: 'pggan 0.2.0' },
    ]);
  });
});
