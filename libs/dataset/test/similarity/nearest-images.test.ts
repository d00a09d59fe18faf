import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { findNearestImages, TFRecordDataset, TFRecordExporter } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';

const folder = temporaryFolder();
const random = new RandomState(11);
const shape = { channels: 3, width: 16, height: 12 } as const;
const bytes = 3 * 16 * 12;
const images = Array.from({ length: 40 }, () =>
  Uint8Array.from(random.normals(bytes), (x) => Math.min(255, Math.max(0, 128 + 50 * x))),
);
// Twice the same: the first of equals comes first.
images[31] = images[9]!;
let dataset: TFRecordDataset;

beforeAll(async () => {
  const path = join(folder, 'noise');
  const exporter = await TFRecordExporter.create(path, {
    size: { width: 16, height: 12 },
    channels: 3,
    name: 'noise',
  });
  for (const image of images) await exporter.add(image);
  await exporter.finish();
  dataset = await TFRecordDataset.open(path);
});

/** All distances, sorted: slow and obvious. */
function bruteForce(query: ArrayLike<number>, all: readonly ArrayLike<number>[], mean: boolean) {
  return all
    .map((other, record) => {
      let sum = 0;
      for (let i = 0; i < query.length; i++) sum += (query[i]! - other[i]!) ** 2;
      return { record, distance: Math.sqrt(mean ? sum / query.length : sum) };
    })
    .sort((a, b) => a.distance - b.distance || a.record - b.record);
}

const queries = [
  images[9]!,
  images[4]!.map((value, i) => (i % 3 === 0 ? 255 - value : value)),
  new Uint8Array(bytes).fill(128),
];
const pictures = Uint8Array.from(queries.flatMap((query) => [...query]));

describe('the nearest images', () => {
  it.each([1, 5, 100])('in pixels are those of a full search, %d of them', async (count) => {
    const seen: number[] = [];
    const found = await findNearestImages(
      dataset,
      { pictures, shape, count },
      { onProgress: (done, total) => seen.push(done / total) },
    );
    queries.forEach((query, i) => {
      const wanted = bruteForce(query, images, true).slice(0, count);
      expect(found[i]!.map(({ record }) => record)).toEqual(wanted.map(({ record }) => record));
      // The sums are of whole numbers, exact in both.
      expect(found[i]).toEqual(wanted);
    });
    expect(found[0]!.slice(0, 2)).toEqual(
      count === 1 ? [{ record: 9, distance: 0 }] : [9, 31].map((record) => ({ record, distance: 0 })),
    );
    expect(seen).toHaveLength(40);
    expect(seen.at(-1)).toBe(1);
  });

  it('stops on request', async () => {
    const signal = AbortSignal.abort();
    await expect(findNearestImages(dataset, { pictures, shape, count: 1 }, { signal })).rejects.toMatchObject(
      {
        code: 'interrupted',
      },
    );
  });

  it('are looked for at any level, and only where there is one', async () => {
    const small = { channels: 3, width: 8, height: 6 } as const;
    const level = await dataset.images(3, [17]);
    const found = await findNearestImages(dataset, { pictures: level, shape: small, count: 1 });
    expect(found).toEqual([[{ record: 17, distance: 0 }]]);
    for (const wrong of [{ ...shape, channels: 1 } as const, { ...shape, height: 16 }])
      await expect(findNearestImages(dataset, { pictures, shape: wrong, count: 1 })).rejects.toMatchObject({
        code: 'option-invalid',
        message: expect.stringContaining('its largest are 16x12 with 3'),
      });
  });
});

it('by what else is compared are those of a full search over it', async () => {
  const sums = (pixels: Uint8Array) =>
    Float32Array.from({ length: 3 }, (_, c) =>
      pixels.subarray(c * 192, (c + 1) * 192).reduce((sum, level) => sum + level, 0),
    );
  const asked: unknown[] = [];
  const features = (pixels: Uint8Array, of: object) => {
    asked.push(of);
    return Promise.resolve(sums(pixels));
  };
  const found = await findNearestImages(dataset, { pictures, shape, count: 4, features });
  queries.forEach((query, i) =>
    expect(found[i]).toEqual(bruteForce(sums(query), images.map(sums), false).slice(0, 4)),
  );
  expect(asked).toEqual(Array(43).fill(shape));
});
