import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { repairDataset, type RepairOptions } from '../../src/operations/repair/repair.js';
import { verifyDataset } from '../../src/operations/verify/verify.js';
import { readIndex } from '../../src/records/index-file.js';
import { temporaryFolder } from '../folder.js';
import { goldenFolder } from '../records/golden.js';
import { flip, makeDataset, randomImages, specs, type DatasetSpec } from './datasets.js';

const folder = temporaryFolder();
let made = 0;

async function dataset(spec?: DatasetSpec): Promise<string> {
  const out = join(folder, `d${made++}`);
  await makeDataset(out, spec);
  return out;
}

async function contents(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'latin1')));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}

/** Damages a copy of `spec`'s dataset, repairs it, and expects the very bytes that were there. */
async function restored(
  spec: DatasetSpec,
  damage: (out: string) => Promise<void>,
  options: RepairOptions = {},
): Promise<string[]> {
  const out = await dataset(spec);
  const before = await contents(out);
  await damage(out);
  expect(await contents(out)).not.toEqual(before);
  const { repaired, unrepaired, sound } = await repairDataset(out, options);
  expect(unrepaired).toEqual([]);
  expect(sound).toBe(true);
  expect(await contents(out)).toEqual(before);
  return repaired.map(({ file, method }) => `${file} ${method}`);
}

/** Overwrites `length` bytes from `start`. */
async function smear(out: string, file: string, start: number, length: number): Promise<void> {
  const path = join(out, file);
  const bytes = await readFile(path);
  bytes.fill(0x55, start, start + length);
  await writeFile(path, bytes);
}

describe('from the dataset itself', () => {
  it.each(specs.filter(([, { index }]) => index !== false))(
    'a smaller level of one that is %s',
    async (_, spec) => {
      const out = await dataset(spec);
      const file = (await readdir(out)).find((name) => name.includes('-r03'))!;
      expect(await restored(spec, (copy) => smear(copy, file, 100, 400))).toEqual([`${file} rebuilt`]);
      expect(await restored(spec, (copy) => rm(join(copy, file)))).toEqual([`${file} rebuilt`]);
      expect(await restored(spec, (copy) => truncate(join(copy, file), 300))).toEqual([`${file} rebuilt`]);
    },
  );

  it('the last shard of a level, of fewer images', async () => {
    const file = 'set-r02-00002-of-00003.tfrecords';
    const spec = { shardImages: 4 };
    expect(await restored(spec, (copy) => rm(join(copy, file)))).toEqual([`${file} rebuilt`]);
  });

  it.each([0, 5, 9, 12, 30, 43, 300, 700, 815, 820])(
    'any one bit of the largest level: byte %i',
    async (byte) => {
      const file = 'set-r04.tfrecords';
      expect(await restored({}, (out) => flip(out, file, 823 * 6 + byte, byte % 8))).toEqual([
        `${file} rebuilt`,
      ]);
    },
  );

  it('one bit in each of several records, and whole headers', async () => {
    const file = 'set-r04.tfrecords';
    await restored({}, async (out) => {
      for (let record = 0; record < 10; record++)
        await flip(out, file, 823 * record + 50 * record + 40, record % 8);
      await smear(out, file, 823 * 4, 12);
    });
  });

  it('the contact sheet', async () => {
    for (const spec of [{ manifest: true }, { manifest: true, size: { width: 16, height: 12 }, images: 20 }])
      expect(await restored(spec, (out) => smear(out, 'sheet.png', 0, 50))).toEqual(['sheet.png redrawn']);
  });

  it('says where the records came from', async () => {
    const out = await dataset();
    await smear(out, 'set-r03.tfrecords', 247 * 2, 300);
    await flip(out, 'set-r04.tfrecords', 823 * 9 + 100);
    expect((await repairDataset(out)).repaired).toEqual([
      {
        file: 'set-r04.tfrecords',
        method: 'rebuilt',
        records: { kept: 9, mended: 1, recomputed: 0, remade: 0 },
      },
      {
        file: 'set-r03.tfrecords',
        method: 'rebuilt',
        records: { kept: 8, mended: 0, recomputed: 2, remade: 0 },
      },
    ]);
  });
});

describe('from a copy', () => {
  it('every kind of file', async () => {
    const spec = { labels: true, manifest: true, shardImages: 4 };
    const copy = await dataset(spec);
    const names = await readdir(copy);
    const repaired = await restored(
      spec,
      async (out) => {
        for (const name of names) await writeFile(join(out, name), 'lost');
        // One file must be there to tell whose copy it is.
        await cp(
          join(copy, 'set-r02-00000-of-00003.tfrecords'),
          join(out, 'set-r02-00000-of-00003.tfrecords'),
        );
      },
      { from: copy },
    );
    expect(repaired).toHaveLength(names.length - 1);
    expect(repaired.every((line) => line.endsWith(' copied'))).toBe(true);
  });

  it('that is another dataset is of no use', async () => {
    const out = await dataset({ labels: true });
    const other = await dataset({ labels: true, seed: 2 });
    const before = await contents(out);
    await smear(out, 'set-r04.tfrecords', 823 * 3, 200);
    await rm(join(out, 'index.json'));
    const { repaired, unrepaired } = await repairDataset(out, { from: other });
    expect(repaired).toEqual([]);
    expect(unrepaired.map(({ file }) => file)).toEqual(['index.json']);
    expect(unrepaired[0]!.why).toContain(
      `${other} seems to hold another dataset: set-r02.tfrecords is sound and not the one that it has`,
    );
    await writeFile(join(out, 'index.json'), before['index.json']!);
    const repairing = repairDataset(out, { from: other });
    await expect(repairing).rejects.toMatchObject({ code: 'datasets-differ' });
    await expect(repairing).rejects.toThrow(/holds another dataset \(10 images, set\), no copy of/);
    await rm(join(other, 'index.json'));
    expect((await repairDataset(out, { from: other })).unrepaired).toEqual([
      {
        file: 'set-r04.tfrecords',
        why: `1 of its 10 images are lost: 3; that of ${other} has another SHA-256 than the index says`,
        advice: `prep repair ${out} --from COPY, or --source PICTURES`,
      },
    ]);
  });

  it.each([
    ['that is not there', 'nowhere', 'dataset-missing', /nowhere: no such folder/],
    ['that is none', 'pictures', 'dataset-missing', /pictures: holds no dataset \(neither index\.json/],
    ['that is the dataset itself', '', 'datasets-differ', /is the dataset itself/],
  ])('%s is refused', async (_, name, code, message) => {
    const out = await dataset();
    await mkdir(join(folder, 'pictures'), { recursive: true });
    await flip(out, 'set-r03.tfrecords', 100);
    const repairing = repairDataset(out, { from: name === '' ? out : join(folder, name) });
    await expect(repairing).rejects.toMatchObject({ code });
    await expect(repairing).rejects.toThrow(message);
  });
});

describe('from the pictures', () => {
  const images = randomImages(10, 3 * 16 * 16, 1);

  it('only what is lost is asked for', async () => {
    const asked: number[] = [];
    const repaired = await restored(
      { shardImages: 4 },
      async (out) => {
        await smear(out, 'set-r04-00001-of-00003.tfrecords', 823, 823);
        await rm(join(out, 'set-r04-00002-of-00003.tfrecords'));
        await rm(join(out, 'set-r03-00002-of-00003.tfrecords'));
      },
      {
        async *remakeImages(index, records) {
          expect(index.images).toBe(10);
          asked.push(...records);
          for (const record of records) yield await Promise.resolve(images[record]!);
        },
      },
    );
    expect(asked).toEqual([5, 8, 9]);
    expect(repaired).toEqual([
      'set-r04-00001-of-00003.tfrecords rebuilt',
      'set-r04-00002-of-00003.tfrecords rebuilt',
      'set-r03-00002-of-00003.tfrecords rebuilt',
    ]);
  });

  it('that have changed leave the file as it is', async () => {
    const out = await dataset();
    await smear(out, 'set-r04.tfrecords', 823, 823);
    const before = await contents(out);
    const { unrepaired } = await repairDataset(out, {
      async *remakeImages(_, records) {
        for (const record of records) yield await Promise.resolve(images[record + 1]!);
      },
    });
    expect(unrepaired[0]!.why).toBe('made anew it is not the file the index speaks of');
    expect(await contents(out)).toEqual(before);
  });
});

describe('the index', () => {
  it('that is missing is made from the files; only what was recorded is lost', async () => {
    for (const spec of [{ labels: true, manifest: true }, { shardImages: 3 }]) {
      const out = await dataset(spec);
      const before = (await readIndex(out))!;
      await rm(join(out, 'index.json'));
      expect((await repairDataset(out)).sound).toBe(true);
      const after = (await readIndex(out))!;
      const { labels } = before;
      expect(after).toEqual({
        ...before,
        versions: {},
        source: {},
        settings: {},
        labels: labels && { ...labels, names: null },
      });
      expect(await verifyDataset(out, { sha256: true })).toMatchObject({ sound: true, indexed: true });
    }
  });

  it('is given to a dataset of the official tool', async () => {
    const out = join(folder, 'gray32');
    await cp(join(goldenFolder, 'gray32'), out, { recursive: true });
    expect(await repairDataset(out)).toMatchObject({
      repaired: [{ file: 'index.json', method: 'rebuilt' }],
      sound: true,
    });
    expect(await verifyDataset(out, { sha256: true })).toMatchObject({ sound: true, indexed: true });
  });

  it('that parses no longer keeps what can be read of it', async () => {
    await restored({ labels: true, manifest: true }, async (out) => {
      const path = join(out, 'index.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('"format"', '"fnrmat"'));
    });
  });

  it('that is no JSON any more keeps every part that can be read by itself', async () => {
    // The damage is where the files know better.
    const labelled = { labels: true, manifest: true };
    const harmless = await restored(labelled, async (out) => {
      const path = join(out, 'index.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace(/"images": 10,/, '"images: 1Q'));
    });
    expect(harmless).toEqual(['index.json rebuilt']);
    // The damage is in the settings, and one of the files is damaged too.
    const out = await dataset(labelled);
    const before = (await readIndex(out))!;
    const path = join(out, 'index.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"some": "setting"', '"some": sett'));
    await smear(out, 'set-r03.tfrecords', 300, 300);
    expect((await repairDataset(out)).repaired).toMatchObject([
      { file: 'index.json', method: 'rebuilt', lost: ['settings'] },
      { file: 'set-r03.tfrecords', method: 'rebuilt' },
    ]);
    expect(await readIndex(out)).toEqual({ ...before, settings: {} });
  });

  it('gets what was lost from a copy that turns up later', async () => {
    const spec = { labels: true, manifest: true };
    const [out, copy] = [await dataset(spec), await dataset(spec)];
    await truncate(join(out, 'index.json'), 10);
    const lost = ['source', 'settings', 'versions', 'shuffleSeed', 'labels'];
    expect((await repairDataset(out)).repaired).toMatchObject([{ file: 'index.json', lost }]);
    expect((await repairDataset(out, { from: copy })).repaired).toEqual([
      { file: 'index.json', method: 'copied', records: null },
    ]);
    expect(await contents(out)).toEqual(await contents(copy));
  });

  const entries: [string, RegExp, string][] = [
    ['a count', /"images": 10/, '"images": 11'],
    ['the size of a file', /"bytes": 2470/, '"bytes": 2471'],
    ['the number of records', /"records": 10/, '"records": 12'],
    ['the size of records', /"recordBytes": 98/, '"recordBytes": 99'],
    ['the number of channels', /"channels": 3/, '"channels": 1'],
    ['the number of a level', /"level": 3/, '"level": 4'],
    ['the width', /"width": 16/, '"width": 48'],
    ['a CRC', /"crc32c": ".{7}/, '"crc32c": "0000000'],
    ['a SHA-256', /"sha256": ".{7}/, '"sha256": "0000000'],
    ['the number of labels', /"components": 3/, '"components": 4'],
  ];
  it.each(entries)('%s', async (_, from, to) => {
    const spec = { labels: true, manifest: true };
    const out = await dataset(spec);
    const path = join(out, 'index.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(from, to));
    const { repaired, unrepaired } = await repairDataset(out);
    expect({ repaired, unrepaired }).toEqual({
      repaired: [{ file: 'index.json', method: 'rebuilt', records: null }],
      unrepaired: [],
    });
    // The names of labels go with their number.
    if (!to.includes('components')) expect(await readFile(path, 'utf8')).toBe(text);
    expect((await verifyDataset(out, { sha256: true })).sound).toBe(true);
  });

  it('is put right while a file is damaged, and then that file', async () => {
    const repaired = await restored({}, async (out) => {
      const path = join(out, 'index.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('"images": 10', '"images": 12'));
      await smear(out, 'set-r03.tfrecords', 300, 300);
    });
    expect(repaired).toEqual(['index.json rebuilt', 'set-r03.tfrecords rebuilt']);
  });

  it('cannot be made of damaged files', async () => {
    const out = await dataset();
    await rm(join(out, 'index.json'));
    await smear(out, 'set-r03.tfrecords', 300, 300);
    const before = await contents(out);
    const { unrepaired, repaired } = await repairDataset(out);
    expect(repaired).toEqual([]);
    expect(unrepaired).toEqual([
      {
        file: 'index.json',
        why: 'it is missing or no index we know; set-r03.tfrecords is damaged, and nothing says what it was',
        advice: `prep repair ${out} --from COPY`,
      },
    ]);
    expect(await contents(out)).toEqual(before);
  });
});

describe('what cannot be repaired', () => {
  it('labels and manifest without a copy, foreign files, levels that were wrong from the beginning', async () => {
    const out = await dataset({ labels: true, manifest: true });
    await flip(out, 'set-rxx.labels', 140);
    await flip(out, 'manifest.jsonl', 10);
    await cp(join(out, 'set-r03.tfrecords'), join(out, 'more.tfrecords'));
    const { unrepaired, sound } = await repairDataset(out);
    expect(sound).toBe(false);
    expect(unrepaired.map(({ file, advice }) => [file, advice])).toEqual([
      ['manifest.jsonl', `prep repair ${out} --from COPY`],
      ['more.tfrecords', 'move it out of the folder'],
      ['set-rxx.labels', `prep repair ${out} --from COPY`],
    ]);

    const wrong = await dataset({ index: false });
    const other = await dataset({ seed: 5 });
    await cp(join(other, 'set-r03.tfrecords'), join(wrong, 'set-r03.tfrecords'));
    expect((await repairDataset(wrong)).unrepaired[0]!.why).toMatch(/set-r03\.tfrecords is damaged/);
  });

  it('a dry run writes nothing', async () => {
    const out = await dataset({ manifest: true });
    await smear(out, 'set-r03.tfrecords', 300, 300);
    await flip(out, 'set-r04.tfrecords', 500);
    await flip(out, 'sheet.png', 50);
    await flip(out, 'index.json', 0);
    const before = await contents(out);
    const { repaired, unrepaired, dryRun } = await repairDataset(out, {
      dryRun: true,
      from: await dataset({ manifest: true }),
    });
    expect({ unrepaired, dryRun }).toEqual({ unrepaired: [], dryRun: true });
    expect(repaired.map(({ file }) => file)).toEqual([
      'index.json',
      'set-r04.tfrecords',
      'set-r03.tfrecords',
      'sheet.png',
    ]);
    expect(await contents(out)).toEqual(before);
  });

  it('a dry run counts on what it would have repaired before', async () => {
    const copy = await dataset({ manifest: true });
    const out = await dataset({ manifest: true });
    for (const file of ['set-r04.tfrecords', 'set-r03.tfrecords', 'sheet.png']) await rm(join(out, file));
    await rm(join(copy, 'set-r03.tfrecords'));
    await rm(join(copy, 'sheet.png'));
    const dry = await repairDataset(out, { from: copy, dryRun: true });
    expect(dry).toMatchObject({ sound: true, unrepaired: [] });
    const wet = await repairDataset(out, { from: copy });
    expect(wet).toMatchObject({ sound: true, unrepaired: [] });
    const told = (report: typeof dry) => report.repaired.map(({ file, method }) => [file, method]);
    expect(told(dry)).toEqual(told(wet));
  });

  it('a sound dataset is left alone', async () => {
    const out = await dataset({ labels: true, manifest: true });
    expect(await repairDataset(out)).toMatchObject({ repaired: [], unrepaired: [], sound: true });
  });

  it('stops when it is told to, and leaves nothing beside', async () => {
    const out = await dataset();
    await smear(out, 'set-r03.tfrecords', 300, 300);
    const before = await contents(out);
    const controller = new AbortController();
    const stopped = repairDataset(out, {
      signal: controller.signal,
      onProgress: (step) => step === 'repair' && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(await contents(out)).toEqual(before);
  });
});

it('any single flipped bit of a dataset with a copy is repaired', async () => {
  const spec = { labels: true, manifest: true, images: 4 };
  const copy = await dataset(spec);
  const before = await contents(copy);
  const names = Object.keys(before).filter((name) => name !== 'index.json');
  const random = new RandomState(4);
  const out = await dataset(spec);
  for (let round = 0; round < 40; round++) {
    const name = names[random.randint(names.length)]!;
    await flip(out, name, random.randint(before[name]!.length), random.randint(8));
    expect(await repairDataset(out, { from: copy })).toMatchObject({ sound: true });
    expect(await contents(out)).toEqual(before);
  }
});
