import { readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { expect, it } from 'vitest';
import { cachedDescriptors, cachedStatistics, describeImages, featureStatistics } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { batches, imageSet } from '../golden.js';

const statistics = featureStatistics({ dimension: 6, data: new RandomState(2).normals(60) });
const key = { images: 'abc', extractor: 'def', count: 10 };

async function kept(folder: string, ofKey: Record<string, string | number> = key) {
  let made = 0;
  const found = await cachedStatistics(folder, ofKey, () => {
    made++;
    return Promise.resolve(statistics);
  });
  expect(found).toEqual(statistics);
  return made;
}

it('what comes back is what was kept, for its key alone', async () => {
  const folder = temporaryFolder();
  expect(await kept(folder)).toBe(1);
  expect(await kept(folder, { count: 10, extractor: 'def', images: 'abc' })).toBe(0);
  expect(await kept(folder, { ...key, extractor: 'other' })).toBe(1);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('descriptors of the same key lie beside them', async () => {
  const folder = temporaryFolder();
  await kept(folder);
  const descriptors = await cachedDescriptors(folder, key, () =>
    describeImages(batches(imageSet('P16'), 4), { random: new RandomState(5), patches: 2, workers: 0 }),
  );
  expect(descriptors.patches).toBe(2);
  expect(await kept(folder)).toBe(0);
});

const change = (file: string, from: string, to: string) => {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
};

it.each([
  ['the numbers are cut', '-0.bin', (file: string) => truncateSync(file, 100)],
  ['the numbers are gone', '-0.bin', unlinkSync],
  [
    'a bit has changed',
    '-0.bin',
    (file: string) => {
      const bytes = readFileSync(file);
      bytes[200]! ^= 1;
      writeFileSync(file, bytes);
    },
  ],
  ['the head does not fit', '.json', (file: string) => change(file, '"dimension":6', '"dimension":5')],
  ['the head is another', '.json', (file: string) => change(file, '"count":10,"dimension"', '"dimension"')],
  ['there are blocks too many', '.json', (file: string) => change(file, '[48,288]', '[48,144,144]')],
  ['the manifest is cut', '.json', (file: string) => truncateSync(file, 30)],
])('made anew when %s', async (_, suffix, damage) => {
  const folder = temporaryFolder();
  await kept(folder);
  damage(
    join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(suffix))!,
    ),
  );
  expect(await kept(folder)).toBe(1);
  expect(await kept(folder)).toBe(0);
});
