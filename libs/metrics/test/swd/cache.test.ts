import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { expect, it } from 'vitest';
import { cachedDescriptors, contentHash, describeImages } from '../../src/index.js';
import { batches, imageSet } from '../golden.js';
import { temporaryFolder } from '../folder.js';

const images = imageSet('P32');
const key = { images: 'abc', seed: 5, patches: 4 };

async function cached(folder: string, ofKey: Record<string, string | number> = key) {
  let made = 0;
  const descriptors = await cachedDescriptors(folder, ofKey, () => {
    made++;
    return describeImages(batches(images, 4), { random: new RandomState(5), patches: 4, workers: 0 });
  });
  return { descriptors, made };
}

it('what comes back is what was kept, for its key alone', async () => {
  const folder = temporaryFolder();
  const first = await cached(folder);
  expect(first.made).toBe(1);
  const again = await cached(folder, { patches: 4, seed: 5, images: 'abc' });
  expect(again.made).toBe(0);
  expect(again.descriptors).toEqual(first.descriptors);
  expect((await cached(folder, { ...key, seed: 6 })).made).toBe(1);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it.each([
  ['a level is cut', (file: string) => truncateSync(file, 100), '-1.bin'],
  [
    'a bit has changed',
    (file: string) => {
      const bytes = readFileSync(file);
      bytes[1000]! ^= 1;
      writeFileSync(file, bytes);
    },
    '-0.bin',
  ],
  ['the manifest is none', (file: string) => writeFileSync(file, '{"key":{}}'), '.json'],
])('made anew when %s', async (_, damage, suffix) => {
  const folder = temporaryFolder();
  const first = await cached(folder);
  damage(
    join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(suffix))!,
    ),
  );
  const again = await cached(folder);
  expect(again.made).toBe(1);
  expect(again.descriptors).toEqual(first.descriptors);
  expect((await cached(folder)).made).toBe(0);
});

it('a folder that is a file is refused', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(cached(file)).rejects.toMatchObject({
    code: 'cache-failed',
    message: expect.stringContaining(file),
  });
});

it('the content hash is of pixels and shape, not of batches', async () => {
  const hash = await contentHash([images]);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await contentHash(batches(images, 3))).toBe(hash);
  expect(await contentHash([{ ...images, width: 64, height: 16 }])).not.toBe(hash);
});
