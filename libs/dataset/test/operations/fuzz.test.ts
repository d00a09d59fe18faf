import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { DatasetError } from '../../src/errors.js';
import { compareDatasets } from '../../src/operations/compare.js';
import { extractDataset } from '../../src/operations/extract/extract.js';
import { findingCodes } from '../../src/operations/verify/findings.js';
import { repairDataset } from '../../src/operations/repair/repair.js';
import { verifyDataset, type VerifyReport } from '../../src/operations/verify/verify.js';
import { indexSchema } from '../../src/records/index-file.js';
import { temporaryFolder } from '../folder.js';
import { makeDataset, type DatasetSpec } from './datasets.js';

const folder = temporaryFolder();
const random = new RandomState(7);
let made = 0;

async function dataset(spec: DatasetSpec): Promise<string> {
  const out = join(folder, `d${made++}`);
  await makeDataset(out, { images: 5, ...spec });
  return out;
}

/**
 * What of an index is to be found when it is changed, undefined where it is none: everything, or without its own
 * SHA-256, as older versions wrote it, what the files can confirm.
 */
function checkable(text: string): string | undefined {
  try {
    const json = JSON.parse(text) as object;
    const index = indexSchema.parse(json);
    if ('sha256' in json) return JSON.stringify(json);
    const names = index.labels?.names?.length ?? null;
    const recorded = { versions: 0, name: 0, shuffleSeed: 0, source: 0, settings: 0 };
    return JSON.stringify({ ...index, ...recorded, labels: index.labels && { ...index.labels, names } });
  } catch {
    return undefined;
  }
}

const mutations: ((bytes: Buffer) => Buffer)[] = [
  (bytes) => {
    const changed = Buffer.from(bytes);
    changed[random.randint(bytes.length)]! ^= 1 << random.randint(8);
    return changed;
  },
  (bytes) => {
    const changed = Buffer.from(bytes);
    for (let i = 0; i < 8; i++) changed[random.randint(bytes.length)] = random.randint(256);
    return changed;
  },
  (bytes) => {
    const at = random.randint(bytes.length);
    const end = Math.min(bytes.length, at + 1 + random.randint(200));
    return Buffer.from(bytes).fill(random.randint(256), at, end);
  },
  (bytes) => bytes.subarray(0, random.randint(bytes.length)),
  (bytes) => Buffer.concat([bytes, bytes.subarray(0, 1 + random.randint(300))]),
  (bytes) => {
    const at = random.randint(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.randint(30))]);
  },
];

/** Every string of digits becomes another number, one at a time: counts, sizes, offsets. */
function numbersOf(text: string): [number, number][] {
  return [...text.matchAll(/: (\d+)(?=[,\n])/g)].map((match) => [match.index + 2, match[1]!.length]);
}

const known = new Set(Object.keys(findingCodes));

function expectFindings(report: VerifyReport, what: string): void {
  expect(report.total, what).toBeGreaterThan(0);
  for (const { code, file, message } of report.findings) {
    expect(known.has(code), what).toBe(true);
    expect(message.length * file.length, what).toBeGreaterThan(0);
  }
}

/** Verifies, repairs or reads a damaged dataset: nothing but DatasetErrors may come of it, and none of verifying. */
async function exercise(out: string, intact: string, what: string): Promise<VerifyReport> {
  const attempts: (() => Promise<unknown>)[] = [
    () => repairDataset(out, { dryRun: true, from: intact }),
    () => repairDataset(out, { dryRun: true }),
    () => compareDatasets(out, intact, { anyOrder: random.randint(2) === 0 }),
    () => extractDataset(out, join(folder, `x${made++}`), { level: 2, workers: 1 }),
  ];
  try {
    await attempts[random.randint(attempts.length)]!();
  } catch (error) {
    if (!(error instanceof DatasetError)) throw new Error(what, { cause: error });
  }
  try {
    return await verifyDataset(out, { sha256: true });
  } catch (error) {
    throw new Error(what, { cause: error });
  }
}

describe('damage anywhere is found', () => {
  const specs: [string, DatasetSpec, number][] = [
    ['with everything', { labels: true, manifest: true, mirror: true, images: 6 }, 80],
    ['in shards', { shardImages: 2, channels: 1, size: { width: 16, height: 12 } }, 40],
    ['without index', { index: false }, 40],
  ];
  it.each(specs)('in a dataset %s', async (_, spec, rounds) => {
    const [out, intact] = [await dataset(spec), await dataset(spec)];
    const names = (await readdir(out)).sort();
    let found = 0;
    for (let round = 0; round < rounds; round++) {
      const name = names[random.randint(names.length)]!;
      const path = join(out, name);
      const bytes = await readFile(path);
      const kind = random.randint(mutations.length);
      const changed = mutations[kind]!(bytes);
      await writeFile(path, changed);
      const what = `round ${round}: mutation ${kind} of ${name}`;
      const report = await exercise(out, intact, what);
      const text = bytes.toString('utf8');
      const hidden =
        changed.equals(bytes) ||
        (name === 'index.json' && checkable(changed.toString('utf8')) === checkable(text));
      if (!hidden) {
        expectFindings(report, what);
        found++;
      }
      await writeFile(path, bytes);
    }
    expect(found).toBeGreaterThan(rounds / 2);
    expect((await verifyDataset(out, { sha256: true })).findings).toEqual([]);
  });

  it('in several files at once', async () => {
    const spec = { labels: true, manifest: true, shardImages: 3 };
    const [out, intact] = [await dataset(spec), await dataset(spec)];
    const names = await readdir(out);
    const contents = await Promise.all(names.map((name) => readFile(join(out, name))));
    for (let round = 0; round < 16; round++) {
      for (const [i, name] of names.entries())
        if (random.randint(3) === 0)
          await writeFile(join(out, name), mutations[random.randint(mutations.length)]!(contents[i]!));
      await exercise(out, intact, `round ${round}`);
      for (const [i, name] of names.entries()) await writeFile(join(out, name), contents[i]!);
    }
  });
});

it('an index with any number changed ends in findings, without delay or memory', async () => {
  const [out, intact] = [await dataset({ labels: true }), await dataset({ labels: true })];
  const path = join(out, 'index.json');
  const text = await readFile(path, 'utf8');
  for (const [at, length] of numbersOf(text))
    for (const number of ['0', '7', '1000000000000', '9007199254740991']) {
      const changed = text.slice(0, at) + number + text.slice(at + length);
      if (checkable(changed) === checkable(text)) continue;
      await writeFile(path, changed);
      const what = `${text.slice(at - 20, at)}${number}`;
      const report = await exercise(out, intact, what);
      expectFindings(report, what);
    }
});
