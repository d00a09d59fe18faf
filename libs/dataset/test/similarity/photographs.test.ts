import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { testData as data } from '../faces-support.js';
import { defaultDistance, defaultLikeness, findNearDuplicates, hammingDistance } from '../../src/index.js';
import { likeness, lumaOf } from '../../src/similarity/luma.js';
import { PictureHasher } from '../../src/similarity/perceptual-hash.js';

const portraits = join(data, 'faces/us-congress-small');

const side = 128;
const hasher = new PictureHasher({ channels: 3, width: 32, height: 32 });

/** RGB rows of a picture brought to a square. */
const square = (picture: Sharp) =>
  picture.toColourspace('srgb').removeAlpha().resize(side, side).raw().toBuffer({ resolveWithObject: true });

/** As in a dataset: CHW, the 32×32 level by averages. */
async function look(picture: Sharp) {
  const { data, info } = await square(picture);
  const reduced = new Float32Array(3 * 32 * 32);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++)
        reduced[(c * 32 + (y >> 2)) * 32 + (x >> 2)]! +=
          data[(y * side + x) * info.channels + Math.min(c, info.channels - 1)]! / 16;
  const luma = lumaOf(Uint8Array.from(reduced, Math.round), hasher.shape);
  return { luma, hash: hasher.hash(luma).plain };
}

const variants: Record<string, (picture: Sharp) => Sharp | Promise<Sharp>> = {
  'JPEG at quality 50': async (picture) => sharp(await picture.jpeg({ quality: 50 }).toBuffer()),
  'half the size': async (picture) => sharp(await picture.resize(64, 64).png().toBuffer()),
  'brighter, with more contrast': (picture) => picture.linear(1.2, 10),
  'cropped by 1.5 %': (picture) => picture.extract({ left: 1, top: 1, width: 126, height: 126 }),
  'cropped by 3 %': (picture) => picture.extract({ left: 2, top: 2, width: 124, height: 124 }),
};

/** Least share of the portraits that must be found again. */
const shares: Record<string, number> = { 'cropped by 3 %': 0.9 };

describe.skipIf(!existsSync(portraits))('photographs of PGGAN_TEST_DATA', () => {
  it('are found again after small changes, and are not taken for each other', async () => {
    const names = (await readdir(portraits)).sort().filter((_, i) => i % 12 === 0);
    const found: Record<string, number> = {};
    const looks: Awaited<ReturnType<typeof look>>[] = [];
    for (const name of names) {
      const { data, info } = await square(sharp(join(portraits, name)));
      const picture = () => sharp(data, { raw: info });
      const original = await look(picture());
      looks.push(original);
      for (const [what, change] of Object.entries(variants)) {
        const changed = await look(await change(picture()));
        const distance = hammingDistance(original.hash, changed.hash);
        if (distance <= defaultDistance && likeness(original.luma, changed.luma) >= defaultLikeness)
          found[what] = (found[what] ?? 0) + 1;
      }
    }
    for (const what of Object.keys(variants))
      expect(found[what], what).toBeGreaterThanOrEqual(names.length * (shares[what] ?? 0.99));

    const near = findNearDuplicates(
      looks.map(({ hash }) => hash),
      defaultDistance,
    );
    const taken = near.filter(
      ({ first, second }) => likeness(looks[first]!.luma, looks[second]!.luma) >= defaultLikeness,
    );
    expect(taken).toEqual([]);
  });
});
