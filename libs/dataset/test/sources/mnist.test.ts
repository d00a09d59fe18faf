import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { mnistRgb } from '../../src/sources/mnist-rgb.js';
import { mnist } from '../../src/sources/mnist.js';
import { testData } from '../faces-support.js';
import { temporaryFolder } from '../folder.js';
import { idxBytes } from '../formats/idx-writer.js';
import { failure } from './opening.js';
import { classes, openSet, pixels } from './sets.js';

const folder = temporaryFolder();

const images = (count: number, height = 28, width = 28, first = 0) =>
  idxBytes(
    [count, height, width],
    Uint8Array.from({ length: count * height * width }, (_, i) => first + i),
  );
const labels = (...values: number[]) => idxBytes([values.length], Uint8Array.from(values));

/** A folder of these files. */
async function set(name: string, files: Record<string, Uint8Array>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(path, file), bytes);
  return path;
}

describe('MNIST', () => {
  it.each([
    ['gzipped', (b: Buffer) => gzipSync(b), '-idx', '.gz'],
    ['plain', (b: Buffer) => b, '-idx', ''],
    ['with dots', (b: Buffer) => b, '.idx', ''],
    ['named .gz, but unpacked by the browser', (b: Buffer) => b, '-idx', '.gz'],
  ])('%s: pictures, names and labels of both parts', async (name, pack, idx, end) => {
    const path = await set(name, {
      [`train-images${idx}3-ubyte${end}`]: pack(images(3)),
      [`train-labels${idx}1-ubyte${end}`]: pack(labels(5, 0, 9)),
      [`t10k-images${idx}3-ubyte${end}`]: pack(images(2, 28, 28, 100)),
      [`t10k-labels${idx}1-ubyte${end}`]: pack(labels(7, 2)),
    });
    expect(await mnist.recognises(path)).toBe(true);
    const train = await openSet(mnist, path);
    expect(train.count).toBe(3);
    expect(train.labels!.names).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(classes(train)).toEqual([5, 0, 9]);
    expect(train.split).toBe('train');
    expect(train.path(2)).toBe(`train-images${idx}3-ubyte/00002`);
    expect(await train.read(1)).toMatchObject({ kind: 'pixels', channels: 1, height: 28, width: 28 });
    expect([...(await pixels(train, 1)).subarray(0, 2)]).toEqual([784 % 256, 785 % 256]);
    await train.close();

    const test = await openSet(mnist, path, { split: 'test' });
    expect(classes(test)).toEqual([7, 2]);
    expect(test.split).toBe('test');
    expect((await pixels(test, 0))[0]).toBe(100);
    await test.close();
  });

  it('other sizes, more classes, a prefix', async () => {
    const path = await set('emnist', {
      'emnist-letters-train-images-idx3-ubyte': images(2, 5, 7),
      'emnist-letters-train-labels-idx1-ubyte': labels(26, 1),
    });
    const source = await openSet(mnist, path);
    expect(await source.read(0)).toMatchObject({ height: 5, width: 7 });
    expect(source.labels!.names).toHaveLength(27);
    expect(classes(source)).toEqual([26, 1]);
    await source.close();
  });

  it('a file of images stands for its part; of several sets in a folder one has to be named', async () => {
    const path = await set('two', {
      'a-train-images-idx3-ubyte': images(1),
      'b-train-images-idx3-ubyte': images(2),
      'b-train-labels-idx1-ubyte': labels(1, 2),
      'strange.idx': images(4),
    });
    expect(await failure(openSet(mnist, path))).toMatch(
      /^source-invalid: .*two: holds several sets \(a-, b-\); name one of the image files instead of the folder/,
    );
    const source = await openSet(mnist, join(path, 'b-train-images-idx3-ubyte'));
    expect([source.count, classes(source)]).toEqual([2, [1, 2]]);
    await source.close();
    const alone = await openSet(mnist, join(path, 'strange.idx'));
    expect([alone.count, alone.labels, alone.split]).toEqual([4, null, undefined]);
    await alone.close();
  });

  it('without a file of labels there are none', async () => {
    const source = await openSet(mnist, await set('unlabelled', { 'train-images-idx3-ubyte': images(1) }));
    expect(source.labels).toBeNull();
    await source.close();
  });

  it('as many labels as pictures', async () => {
    const path = await set('unequal', {
      'train-images-idx3-ubyte': images(3),
      'train-labels-idx1-ubyte.gz': gzipSync(labels(1, 2)),
    });
    expect(await failure(openSet(mnist, path))).toMatch(
      /^source-invalid: .*train-labels-idx1-ubyte.gz: has 2 labels for the 3 pictures of .*; expected one for each/,
    );
  });

  it('an empty set, a part that is absent, a place that is none', async () => {
    const path = await set('empty', { 'train-images-idx3-ubyte': images(0) });
    expect(await failure(openSet(mnist, path))).toMatch(/^source-empty: .*holds no pictures/);
    expect(await failure(openSet(mnistRgb, path))).toMatch(/^source-empty: .*holds no pictures/);
    expect(await failure(openSet(mnist, path, { split: 'test' }))).toMatch(
      /^source-missing: .*empty: has no images of the test part of an MNIST set; expected a folder with train-images/,
    );
    expect(await failure(openSet(mnist, join(folder, 'none')))).toMatch(
      /^source-missing: .*none: cannot be read/,
    );
    expect(await mnist.recognises(join(folder, 'none'))).toBe(false);
    expect(await mnist.recognises(folder)).toBe(false);
  });

  const real = join(testData, 'mnist');
  it.skipIf(!existsSync(real)).each([
    ['train', 60000, [5, 0, 4, 1, 9, 2], '741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757'],
    ['test', 10000, [7, 2, 1, 0, 4, 1], '6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161'],
  ] as const)('the %s part of PGGAN_TEST_DATA', async (split, count, first, sha256) => {
    const source = await openSet(mnist, real, { split });
    expect(source.count).toBe(count);
    expect(classes(source, 6)).toEqual(first);
    const hash = createHash('sha256');
    for (let i = 0; i < count; i++) hash.update(await pixels(source, i));
    expect(hash.digest('hex')).toBe(sha256);
    await source.close();
  });
});

describe('MNIST-RGB', () => {
  /** Picture n of 60000, each 1x2, holds n. */
  const numbered = Uint8Array.from({ length: 120000 }, (_, at) => (at >> 1) >> (at % 2 === 0 ? 8 : 0));

  it('stacks the digits that the official tool draws', async () => {
    const path = await set('numbered', { 'train-images-idx3-ubyte': idxBytes([60000, 1, 2], numbered) });
    const source = await openSet(mnistRgb, path, { stacks: 6 });
    expect([source.count, source.labels]).toEqual([6, null]);
    const drawn = [];
    for (let i = 0; i < 6; i++) {
      const [r0, r1, g0, g1, b0, b1] = await pixels(source, i);
      drawn.push([r0! * 256 + r1!, g0! * 256 + g1!, b0! * 256 + b1!]);
    }
    // RandomState(123).randint(60000, size=3), six times, by NumPy.
    expect(drawn).toEqual([
      [52734, 15725, 28030],
      [17730, 54370, 15377],
      [7763, 46203, 58937],
      [23766, 22241, 96],
      [55409, 23166, 53295],
      [53321, 5664, 33710],
    ]);
    expect(await source.read(0)).toMatchObject({ channels: 3, height: 1, width: 2 });
    expect(source.path(5)).toBe('stacks/0000005');
    await source.close();
    // Another seed draws others.
    const other = await openSet(mnistRgb, path, { stacks: 1, stackSeed: 1000 });
    expect([...(await pixels(other, 0))]).not.toEqual([...(await pixels(source, 0))]);
  });

  it('of a number of pictures that memory can hold', async () => {
    expect(await failure(openSet(mnistRgb, folder, { stacks: 1e12 }))).toBe(
      'option-invalid: stacks: expected at most 100000000, got 1000000000000',
    );
  });

  it('is taken only when asked for: the files are those of MNIST', async () => {
    expect(await mnistRgb.recognises(join(folder, 'plain'))).toBe(false);
  });
});
