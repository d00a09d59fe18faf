import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx, type OnnxGraph } from '@pggan/files';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { findNearestImages, OnnxFeatures, TFRecordDataset, TFRecordExporter } from '../../src/index.js';
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

describe('features of an ONNX model', () => {
  let made = 0;
  async function model(graph: OnnxGraph, description?: object): Promise<string> {
    const path = join(folder, `model${made++}.onnx`);
    await writeFile(path, encodeOnnx(graph));
    if (description) await writeFile(path.replace('.onnx', '.json'), JSON.stringify(description));
    return path;
  }
  const means = (side: (number | string)[], more: OnnxGraph['outputs'] = []): OnnxGraph => ({
    inputs: [{ name: 'picture', shape: [1, 3, ...side] }],
    outputs: [{ name: 'means', shape: [1, 3] }, ...more],
    operators: [
      {
        op: 'ReduceMean',
        inputs: ['picture'],
        outputs: ['means'],
        attributes: { axes: [2, 3], keepdims: 0 },
      },
      ...more.map(({ name }) => ({ op: 'Identity', inputs: ['picture'], outputs: [name] })),
    ],
  });

  it('follow the description beside it: size, range, order, mean and deviation', async () => {
    const path = await model(means(['h', 'w'], [{ name: 'copy', shape: [1, 3, 'h', 'w'] }]), {
      side: 4,
      range: [0, 255],
      channels: 'bgr',
      mean: [1, 2, 3],
      deviation: [2, 2, 2],
      output: 'means',
    });
    const features = await OnnxFeatures.open(path);
    const picture = Uint8Array.from({ length: 48 }, (_, i) => [10, 20, 30][Math.floor(i / 16)]!);
    const vector = await features.of(picture, { channels: 3, width: 4, height: 4 });
    expect([...vector]).toEqual([14.5, 9, 3.5]);
    // A gray picture of another size has three equal channels.
    const gray = await features.of(new Uint8Array(64).fill(11), { channels: 1, width: 8, height: 8 });
    expect([...gray]).toEqual([5, 4.5, 4]);
    await features.close();
  });

  it('find the images of a full search over all vectors', async () => {
    const features = await OnnxFeatures.open(await model(means([12, 16])));
    const found = await findNearestImages(dataset, { pictures, shape, count: 4, features });
    const vectors = [];
    for (const image of images) vectors.push(await features.of(image, shape));
    for (const [i, query] of queries.entries()) {
      const wanted = bruteForce(await features.of(query, shape), vectors, false).slice(0, 4);
      expect(found[i]).toEqual(wanted);
    }
    await features.close();
  });

  it.each([
    ['of free size without a side', means(['h', 'w']), undefined, 'expected "side" in the description'],
    [
      'with two outputs and no choice',
      means([4, 4], [{ name: 'copy', shape: [1, 3, 4, 4] }]),
      undefined,
      'one of means, copy, got none',
    ],
    ['with an output that is not there', means([4, 4]), { output: 'pool' }, 'one of means, got pool'],
    [
      'with one plane',
      { ...means([4, 4]), inputs: [{ name: 'picture', shape: [1, 1, 4, 4] }] },
      undefined,
      'expected an input [1, 3, height, width], got [1, 1, 4, 4]',
    ],
    ['with a description of something else', means([4, 4]), { sides: 4 }, 'sides'],
  ])('%s are refused', async (_, graph, description, message) => {
    const path = await model(graph, description);
    await expect(OnnxFeatures.open(path)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining(message),
    });
  });
});
