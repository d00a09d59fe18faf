/** Looking at a dataset of which one level is damaged. */
import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { displayDataset, extractDataset, inspectDataset, TFRecordDataset } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { flip, makeDataset } from './datasets.js';

const folder = temporaryFolder();
let made = 0;
let out: string;

/** Byte 20 is in the first record: the file cannot be told for a level. */
const damage = (level: string) => flip(out, `set-${level}.tfrecords`, 20);
const advice = /"prep verify .*" says what is damaged, "prep repair .*" restores what can be$/;

describe.each([
  ['with an index', true],
  ['without one', false],
])('a dataset %s', (_, index) => {
  beforeEach(async () => {
    out = join(folder, `d${made++}`);
    await makeDataset(out, { index });
  });

  it('is inspected, shown and extracted by its sound levels, and the other is told', async () => {
    await damage('r03');
    const left = [{ level: 3, message: expect.stringMatching(advice) as string }];
    const inspection = await inspectDataset(out);
    expect(inspection).toMatchObject({ images: 10, width: 16, damaged: left });
    expect(inspection.levels.map(({ level }) => level)).toEqual([4, 2]);
    const sheet = `${out}.png`;
    expect(await displayDataset(out, { sheet })).toMatchObject({ level: 4, damaged: left });
    expect(await extractDataset(out, `${out}-x`)).toMatchObject({ images: 10, damaged: left });
    expect(await readdir(`${out}-x`)).toHaveLength(10);
    await expect(extractDataset(out, `${out}-y`, { level: 3 })).rejects.toThrow(advice);
    await expect(displayDataset(out, { sheet, level: 3 })).rejects.toThrow(advice);
  });

  it('whose largest level is damaged gives smaller images only when they are asked for', async () => {
    await damage('r04');
    await expect(extractDataset(out, `${out}-x`)).rejects.toThrow(advice);
    expect(await extractDataset(out, `${out}-x`, { level: 3 })).toMatchObject({ size: { width: 8 } });
    expect(await inspectDataset(out)).toMatchObject({ width: 8, damaged: [{ level: 4 }] });
  });

  it('is refused where all levels are needed, or none is sound', async () => {
    await damage('r03');
    await expect(TFRecordDataset.open(out)).rejects.toMatchObject({ code: 'record-corrupt' });
    for (const level of ['r02', 'r04']) await damage(level);
    await expect(inspectDataset(out)).rejects.toMatchObject({ code: 'record-corrupt' });
  });

  it('that lacks a level, or the end of one, is looked at all the same', async () => {
    await rm(join(out, 'set-r03.tfrecords'));
    await truncate(join(out, 'set-r02.tfrecords'), 98 * 5);
    const { damaged, levels } = await inspectDataset(out);
    expect(levels.map(({ level }) => level)).toEqual([4]);
    expect(damaged.map(({ level }) => level).sort()).toEqual([2, 3]);
  });
});
