import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readSidecarLabels } from '../../src/labels/sidecar.js';
import { extractDataset } from '../../src/operations/extract/extract.js';
import { formatLabelCsv } from '../../src/operations/extract/label-file.js';
import { TFRecordDataset } from '../../src/records/dataset.js';
import { temporaryFolder } from '../folder.js';
import { flip, makeDataset, randomImages, specs, type DatasetSpec } from './datasets.js';

const folder = temporaryFolder();
let made = 0;
const newFolder = () => join(folder, `f${made++}`);

async function dataset(spec?: DatasetSpec): Promise<string> {
  const out = newFolder();
  await makeDataset(out, spec);
  return out;
}

/** uint8 CHW of a picture file. */
async function planes(path: string): Promise<{ shape: number[]; pixels: Uint8Array }> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const pixels = new Uint8Array(data.length);
  data.forEach((value, i) => {
    pixels[(i % channels) * width * height + Math.floor(i / channels)] = value;
  });
  return { shape: [channels, height, width], pixels };
}

/** sharp decodes gray PNG to three channels unless told otherwise. */
async function firstPlane(path: string): Promise<Uint8Array> {
  return new Uint8Array(await sharp(path).extractChannel(0).raw().toBuffer());
}

describe('pictures', () => {
  it.each(specs)('every pixel of a dataset that is %s', async (_, spec) => {
    const from = await dataset(spec);
    const out = newFolder();
    const progress: number[][] = [];
    const summary = await extractDataset(from, out, {}, { onProgress: (...at) => progress.push(at) });
    const { width, height } = typeof spec.size === 'object' ? spec.size : { width: 16, height: 16 };
    const channels = spec.channels ?? 3;
    expect(summary).toEqual({
      out,
      images: 10,
      size: { width, height },
      channels,
      format: 'png',
      labels: spec.labels ? 'labels.csv' : null,
      npy: null,
      damaged: [],
    });
    expect(progress.at(-1)).toEqual([10, 10]);
    const names = Array.from({ length: 10 }, (_, i) => `img0000000${i}.png`);
    expect((await readdir(out)).sort()).toEqual(spec.labels ? [...names, 'labels.csv'] : names);
    const images = randomImages(10, channels * width * height, 1);
    for (const [i, name] of names.entries()) {
      if (channels === 1) expect(await firstPlane(join(out, name))).toEqual(images[i]);
      else expect(await planes(join(out, name))).toEqual({ shape: [3, height, width], pixels: images[i] });
    }
    const { channels: stored } = await sharp(join(out, names[0]!)).metadata();
    expect(stored).toBe(channels);
  });

  it('a range of a smaller level, as lossless WebP', async () => {
    const from = await dataset();
    const out = newFolder();
    const summary = await extractDataset(from, out, {
      level: 3,
      range: { start: 4, end: 6 },
      format: 'webp',
    });
    expect(summary).toMatchObject({ images: 2, size: { width: 8, height: 8 } });
    expect((await readdir(out)).sort()).toEqual(['img00000004.webp', 'img00000005.webp']);
    const images = await (await TFRecordDataset.open(from)).images(3, [5]);
    expect((await planes(join(out, 'img00000005.webp'))).pixels).toEqual(images);
  });

  it('JPEG', async () => {
    const out = newFolder();
    await extractDataset(await dataset({ size: { width: 32, height: 24 }, images: 1 }), out, {
      format: 'jpeg',
    });
    expect(await sharp(join(out, 'img00000000.jpg')).metadata()).toMatchObject({
      format: 'jpeg',
      width: 32,
      height: 24,
      chromaSubsampling: '4:4:4',
    });
  });

  it('the same bytes whatever the number of workers', async () => {
    const from = await dataset({ labels: true });
    const outs = [1, 3].map((workers) => [workers, newFolder()] as const);
    for (const [workers, out] of outs) await extractDataset(from, out, { workers });
    for (const name of await readdir(outs[0]![1]))
      expect(await readFile(join(outs[0]![1], name))).toEqual(await readFile(join(outs[1]![1], name)));
  });
});

it('images.npy is one array of bytes', async () => {
  const out = newFolder();
  await extractDataset(await dataset(), out, { npy: true, range: { start: 2, end: 5 } });
  const bytes = await readFile(join(out, 'images.npy'));
  const header = bytes.subarray(10, 128).toString('latin1');
  expect(header.trimEnd()).toBe("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 3, 16, 16), }");
  expect(bytes.readUInt16LE(8)).toBe(118);
  expect(header.endsWith('\n')).toBe(true);
  const images = Buffer.concat(randomImages(10, 768, 1).slice(2, 5));
  expect(bytes.subarray(128).equals(images)).toBe(true);
});

describe('labels.csv', () => {
  it('is what builds take as labels', async () => {
    const from = await dataset({ labels: true });
    const out = newFolder();
    await extractDataset(from, out, { range: { start: 1, end: 4 } });
    const text = await readFile(join(out, 'labels.csv'), 'utf8');
    expect(text).toBe(
      'path,left,right,"up, ""down"""\n' +
        'img00000001.png,1.5,2,2.5\nimg00000002.png,3,3.5,4\nimg00000003.png,4.5,5,5.5\n',
    );
    const labels = await readSidecarLabels(join(out, 'labels.csv'));
    expect(labels.names).toEqual(['left', 'right', 'up, "down"']);
    expect(labels.of('img00000003.png')).toEqual(Float32Array.of(4.5, 5, 5.5));
  });

  it.each([
    ['no names', null],
    ['a name that means a class', ['class']],
    ['a name that means a path', ['File']],
  ])('%s', async (_, names) => {
    const row = Float32Array.of(1);
    const path = newFolder();
    await writeFile(path, formatLabelCsv([{ path: 'a.png', row }], { components: 1, names, data: row }));
    const labels = await readSidecarLabels(path);
    expect(labels.names).toEqual(['label0']);
    expect(labels.of('a.png')).toEqual(row);
  });

  it('every float32 comes back', async () => {
    const row = Float32Array.of(0.1, 1 / 3, 1e-40, 3.4e38, -0.5, 16777217, 123456.79);
    const path = newFolder();
    await writeFile(
      path,
      formatLabelCsv([{ path: 'a.png', row }], { components: 7, names: null, data: row }),
    );
    expect(await readFile(path, 'utf8')).toContain('a.png,0.1,0.333333');
    expect((await readSidecarLabels(path)).of('a.png')).toEqual(row);
  });
});

describe('refuses', () => {
  it('a folder that holds something, and leaves it alone', async () => {
    const from = await dataset();
    for (const out of [from, folder])
      await expect(extractDataset(from, out)).rejects.toMatchObject({ code: 'output-refused' });
    await writeFile(join(folder, 'file'), '');
    await expect(extractDataset(from, join(folder, 'file'))).rejects.toMatchObject({
      code: 'output-refused',
    });
    const empty = newFolder();
    await mkdir(empty);
    expect(await extractDataset(from, empty)).toMatchObject({ images: 10 });
  });

  it.each([
    [{ level: 5 }, 'level: expected 2…4 (log2 of the larger side), got 5'],
    [{ range: { start: 5, end: 11 } }, 'range: expected 0 <= start < end <= 10 records, got 5 to 11'],
    [{ range: { start: 5, end: 5 } }, 'range: expected 0 <= start < end <= 10 records, got 5 to 5'],
    [{ format: 'gif' as 'png' }, 'format: '],
    [{ workers: 0 }, 'workers: '],
  ])('%j', async (request, message) => {
    const out = newFolder();
    const error = await extractDataset(await dataset(), out, request).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'option-invalid' });
    expect((error as Error).message).toContain(message);
    expect(await readdir(folder)).not.toContain(out.split('/').at(-1));
  });

  it('leaves nothing behind after damage or Ctrl-C', async () => {
    const from = await dataset({ images: 300 });
    await flip(from, 'set-r04.tfrecords', 823 * 299 + 100);
    const before = (await readdir(folder)).sort();
    await expect(extractDataset(from, newFolder())).rejects.toMatchObject({ code: 'record-corrupt' });
    const signal = AbortSignal.abort();
    await expect(extractDataset(from, newFolder(), {}, { signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect((await readdir(folder)).sort()).toEqual(before);
  });
});
