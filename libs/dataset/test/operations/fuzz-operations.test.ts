/** Damaged datasets given to everything that reads one: a good result or a DatasetError, and nothing beside the output. */
import { cp, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RandomState } from '@pggan/random';
import { beforeAll, expect, it } from 'vitest';
import {
  buildDataset,
  compareDatasets,
  displayDataset,
  extractDataset,
  inspectDataset,
  mergeDatasets,
  remakeImages,
  repairDataset,
  splitDataset,
  verifyDataset,
} from '../../src/index.js';
import { DatasetError } from '../../src/errors.js';
import { temporaryFolder } from '../folder.js';
import { mutate } from '../formats/mutate.js';
import { noisePicture, noModel, options, put } from '../pipeline/pictures.js';
import { unsealed } from './datasets.js';

const folder = temporaryFolder();
const [source, intact, set, out] = ['source', 'intact', 'set', 'out'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
  string,
];
const request = { align: 'none', mirror: true, labels: { file: join(folder, 'labels.csv') } } as const;

beforeAll(async () => {
  const random = new RandomState(3);
  const rows = ['path,class'];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await put(join(source, `${name}.png`), await noisePicture(random, 18, 16).png().toBuffer());
    rows.push(`${name}.png,${'ad'.includes(name) ? 'one' : 'two'}`);
  }
  await writeFile(join(folder, 'labels.csv'), rows.join('\n'));
  await put(join(source, 'bad.png'), 'no picture');
  await writeFile(join(folder, 'labels.csv'), [...rows, 'bad.png,one'].join('\n'));
  await buildDataset(options({ ...request, source, out: intact }), noModel);
});

/** What may come back: anything, or an error of ours that is made for people. */
async function outcome(run: () => Promise<unknown>, what: string): Promise<string> {
  try {
    await run();
    return 'done';
  } catch (error) {
    if (!(error instanceof DatasetError)) throw new Error(what, { cause: error });
    expect(error.message, what).not.toMatch(/\n\s+at |invalid_type|ZodError|✖/);
    return error.code;
  }
}

/** Names of the files this process holds open here; only Linux tells. What is just being closed gets a moment. */
async function heldOpen(): Promise<string[]> {
  for (let look = 0; ; look++) {
    const links = await readdir('/proc/self/fd').catch(() => []);
    const targets = links.map((link) => readlink(`/proc/self/fd/${link}`).catch(() => ''));
    const held = (await Promise.all(targets)).filter((target) => target.startsWith(folder));
    if (held.length === 0 || look === 50) return held;
    await setTimeout(10);
  }
}

const scratch = join(folder, 'scratch');

/** Everything that reads a dataset; each writes to `out` if at all, or, to repair it, into the dataset. */
const operations: Record<string, { rounds: number; run: () => Promise<unknown> }> = {
  inspect: { rounds: 30, run: () => inspectDataset(set) },
  display: {
    rounds: 15,
    run: async () => {
      await mkdir(out);
      return displayDataset(set, { sheet: join(out, 'sheet.png'), page: join(out, 'page.html') });
    },
  },
  extract: { rounds: 15, run: () => extractDataset(set, out, { npy: true, workers: 1 }) },
  compare: { rounds: 24, run: () => compareDatasets(set, intact, { anyOrder: true }) },
  split: {
    rounds: 15,
    run: () => splitDataset(set, { held: 2, train: join(out, 'train'), heldOut: join(out, 'held') }),
  },
  merge: {
    rounds: 15,
    run: () => mergeDatasets([set, intact], { out, duplicates: 'drop-near', labels: 'union' }),
  },
  repair: { rounds: 24, run: () => repairDataset(set) },
  'repair from a copy': { rounds: 15, run: () => repairDataset(set, { from: intact }) },
  'repair with the pictures': {
    rounds: 12,
    run: () =>
      repairDataset(set, {
        remakeImages: (index, records) => remakeImages(set, index, records, { source, scratch, workers: 1 }),
      }),
  },
  'a build from it': {
    rounds: 6,
    run: () => buildDataset(options({ source: set, kind: 'tfrecords', out }), noModel),
  },
  'a build over it': {
    rounds: 6,
    run: () => buildDataset(options({ ...request, source, out: set }), noModel),
  },
};

it.each(Object.entries(operations))('%s', async (name, { rounds, run }) => {
  const random = new RandomState(17);
  const names = (await readdir(intact)).sort();
  const around = (await readdir(folder)).concat('set', 'scratch');
  await mkdir(scratch, { recursive: true });
  const outcomes = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    await rm(set, { recursive: true, force: true });
    await cp(intact, set, { recursive: true });
    // What every operation goes by is damaged more often, sealed and not.
    const file =
      round % 3 === 0 ? 'index.json' : round % 3 === 1 ? 'manifest.jsonl' : names[round % names.length]!;
    const bytes = await readFile(join(set, file));
    const given = file === 'index.json' && round % 2 === 0 ? Buffer.from(unsealed(bytes.toString())) : bytes;
    await writeFile(join(set, file), mutate(given, random, { hotspots: [], numbers: [0, 1, 10, 16] }));
    const what = `${name}, round ${round}: ${file}`;
    outcomes.add(await outcome(run, what));
    expect(await heldOpen(), what).toEqual([]);
    const beside = (await readdir(folder)).filter((entry) => !around.includes(entry));
    expect(
      beside.filter((entry) => entry !== 'out' && !/^(set|out)\.work$/.test(entry)),
      what,
    ).toEqual([]);
    const inside = (await readdir(set)).filter(
      (entry) => !names.includes(entry) && !entry.startsWith('set-'),
    );
    expect(inside, what).toEqual([]);
    for (const entry of beside) await rm(join(folder, entry), { recursive: true, force: true });
  }
  expect(outcomes).toContain('done');
  expect((await verifyDataset(intact)).findings).toEqual([]);
  expect((await readdir(source)).length).toBe(6);
});

it.each(['..', '.', '../source/a.png', 'a/b', 'x\0', ''])(
  'a file called %j in an index is refused, and nothing is written to it',
  async (name) => {
    await rm(set, { recursive: true, force: true });
    await cp(intact, set, { recursive: true });
    const index = join(set, 'index.json');
    const text = unsealed(await readFile(index, 'utf8'));
    for (const file of ['intact-r04.tfrecords', 'manifest.jsonl']) {
      await writeFile(index, text.replace(JSON.stringify(file), JSON.stringify(name)));
      expect(await outcome(() => inspectDataset(set), name)).toBe('dataset-invalid');
      expect(await outcome(() => repairDataset(set, { from: intact, dryRun: true }), name)).toBe('done');
      expect(
        await outcome(() => buildDataset(options({ ...request, source, out: set }), noModel), name),
      ).toBe('output-refused');
    }
    expect((await readdir(folder)).filter((entry) => /partial|old|work/.test(entry))).toEqual([]);
  },
);
