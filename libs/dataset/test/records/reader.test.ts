import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TFRecordDataset } from '../../src/index.js';
import { EpochCursor } from '../../src/records/cursor.js';
import { goldenFolder } from './golden.js';

const open = (name = 'rgb32') => TFRecordDataset.open(join(goldenFolder, name));

describe('a dataset reader', () => {
  it('shows every image once per epoch, in another order each time', async () => {
    await using reader = (await open()).reader({ seed: 5 });
    const epochs: number[][] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const seen: number[] = [];
      for (let i = 0; i < 3; i++) seen.push(...(await reader.nextBatch(2, 4)).indices);
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
      epochs.push(seen);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[1]).not.toEqual(epochs[2]);
  });

  it('draws the permutations of NumPy', async () => {
    await using reader = (await open()).reader({ seed: 123 });
    expect([...(await reader.nextBatch(2, 12)).indices]).toEqual([5, 0, 4, 9, 8, 7, 10, 3, 1, 6, 11, 2]);
  });

  it('returns the images it names, across the end of an epoch', async () => {
    const dataset = await open();
    await using reader = dataset.reader({ seed: 1 });
    for (const minibatch of [7, 7, 7, 30, 1]) {
      const { images, indices } = await reader.nextBatch(4, minibatch);
      expect(images).toEqual(await dataset.images(4, [...indices]));
    }
  });

  it('reads a level that memory does not hold record by record, to the same images', async () => {
    const dataset = await open();
    for (const range of [
      { start: 0, end: 12 },
      { start: 3, end: 11 },
    ]) {
      await using resident = dataset.reader({ seed: 4, range });
      await using streamed = dataset.reader({ seed: 4, range, memoryLimit: 0 });
      for (const [level, minibatch] of [
        [5, 5],
        [5, 9],
        [2, 3],
        [4, 20],
      ] as const)
        expect(await streamed.nextBatch(level, minibatch)).toEqual(
          await resident.nextBatch(level, minibatch),
        );
    }
  });

  it('keeps the stored order when asked to', async () => {
    await using reader = (await open()).reader({ shuffle: false });
    expect([...(await reader.nextBatch(3, 15)).indices]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2,
    ]);
  });

  it('hands labels out with their images', async () => {
    const dataset = await open('gray32');
    await using reader = dataset.reader({ seed: 3 });
    const { indices, labels } = await reader.nextBatch(2, 5);
    const rows = [...indices].map((record) => [...dataset.labels!.data.subarray(record * 4, record * 4 + 4)]);
    expect([...labels!]).toEqual(rows.flat());
    expect(reader.labels).toBe(dataset.labels);
    expect(reader.labelSize).toBe(4);
  });

  it('changes level and minibatch at any time without losing an image', async () => {
    await using reader = (await open()).reader({ seed: 9 });
    await using plain = (await open()).reader({ seed: 9, prefetch: false });
    const requests: [number, number][] = [
      [2, 4],
      [2, 4],
      [3, 3],
      [5, 2],
      [5, 2],
      [2, 6],
    ];
    for (const [level, minibatch] of requests)
      expect(await reader.nextBatch(level, minibatch)).toEqual(await plain.nextBatch(level, minibatch));
  });

  it.each([0, 3, 11, 12, 13, 29])('continues exactly after %i images', async (shown) => {
    const dataset = await open();
    await using reader = dataset.reader({ seed: 4 });
    if (shown > 0) await reader.next(2, shown);
    const saved = JSON.parse(JSON.stringify(reader.state())) as unknown;
    await using other = dataset.reader({ seed: 77 });
    await other.next(2, 2);
    other.restore(saved);
    for (let i = 0; i < 8; i++) expect(await other.nextBatch(3, 5)).toEqual(await reader.nextBatch(3, 5));
    expect(other.state()).toEqual(reader.state());
  });

  it('gives different images to calls in flight together', async () => {
    await using reader = (await open()).reader({ shuffle: false });
    const batches = await Promise.all([
      reader.nextBatch(2, 4),
      reader.nextBatch(2, 4),
      reader.nextBatch(2, 4),
    ]);
    expect(batches.flatMap((batch) => [...batch.indices])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('refuses levels it does not have, and to go on after close', async () => {
    const reader = (await open()).reader();
    await expect(reader.next(6, 4)).rejects.toThrow(/level: expected 2…5 .* got 6/);
    await expect(reader.next(2, 0)).rejects.toThrow(/minibatch: expected a positive integer/);
    await reader.next(2, 4);
    await reader.close();
    await expect(reader.next(2, 4)).rejects.toThrow(/closed/);
  });
});

describe('a cursor state', () => {
  it('of another dataset is refused', () => {
    const state = new EpochCursor(12, 1).state();
    expect(() => new EpochCursor(13, 1).restore(state)).toThrow(/dataset of 12 images, this one has 13/);
  });

  it.each([
    [
      1,
      null,
      /belongs to a reader that shuffles, this one keeps the stored order; open it with shuffle: true/,
    ],
    [null, 1, /belongs to a reader in stored order, this one shuffles; open it with shuffle: false/],
  ])('of another order is refused: seed %j for %j', (seed, other, message) => {
    const state = new EpochCursor(12, seed).state();
    expect(() => new EpochCursor(12, other).restore(state)).toThrow(message);
  });

  it.each([null, {}, { version: 2 }, { ...new EpochCursor(12, 1).state(), position: 99 }])(
    '%j is refused',
    (state) => {
      expect(() => new EpochCursor(12, 1).restore(state)).toThrow(
        expect.objectContaining({ code: 'option-invalid' }),
      );
    },
  );
});
