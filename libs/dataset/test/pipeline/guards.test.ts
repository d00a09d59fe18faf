import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildDataset,
  readIndex,
  remakeImages,
  TFRecordDataset,
  type BuildRequest,
} from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { idxBytes } from '../formats/idx-writer.js';
import { manifestOf, noModel, noisePicture, options, put } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'photos');
const build = (out: string, request: Partial<BuildRequest> = {}) =>
  buildDataset(options({ source, align: 'none', out, ...request }), noModel);

beforeAll(async () => {
  const random = new RandomState(8);
  for (let i = 0; i < 4; i++)
    await put(join(source, `${i}.png`), await noisePicture(random, 30, 40).png().toBuffer());
});

describe('what others have put there', () => {
  it('in a folder named like that of unfinished work stays', async () => {
    const out = join(folder, 'theirs');
    await put(join(`${out}.work`, 'important.txt'), 'precious');
    await expect(build(out)).rejects.toMatchObject({ code: 'output-refused' });
    expect(await readFile(join(`${out}.work`, 'important.txt'), 'utf8')).toBe('precious');
  });

  it('in a dataset, hidden or not, keeps it from being replaced', async () => {
    const out = join(folder, 'notes');
    await build(out);
    await writeFile(join(out, '.notes'), 'mine');
    await expect(build(out)).rejects.toThrow(/holds \.notes, which is no part of the dataset/);
  });
});

describe('a dataset of another source', () => {
  it('is replaced only when that is asked for', async () => {
    const [out, other] = [join(folder, 'valued'), join(folder, 'other')];
    expect((await build(out)).replaced).toBeNull();
    expect((await build(out, { size: 8 })).replaced).toEqual({ images: 4, origin: 'photos (folder)' });
    await put(join(other, '0.png'), await readFile(join(source, '0.png')));
    const slip = build(out, { source: other });
    await expect(slip).rejects.toMatchObject({ code: 'output-refused' });
    await expect(slip).rejects.toThrow(
      /valued: holds a dataset of 4 images made from photos \(folder\), not from other \(folder\); choose .* --replace$/,
    );
    expect((await TFRecordDataset.open(out)).count).toBe(4);
    expect(await build(out, { source: other, replace: true })).toMatchObject({
      images: 1,
      replaced: { images: 4 },
    });
  });
});

describe('a dataset of one part of a set', () => {
  it('is not replaced by the other part, and hands on what it is', async () => {
    const [out, digits] = [join(folder, 'digits'), join(folder, 'mnist')];
    for (const [part, count] of [
      ['train', 3],
      ['t10k', 2],
    ] as const) {
      const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => (i * (count + 7)) % 251);
      await put(join(digits, `${part}-images-idx3-ubyte`), idxBytes([count, 28, 28], pixels));
    }
    const open = async (directory: string) => (await TFRecordDataset.open(directory)).split;
    await build(out, { source: digits, size: 32 });
    expect(await open(out)).toBe('train');
    const slip = build(out, { source: digits, size: 32, split: 'test' });
    await expect(slip).rejects.toThrow(
      /made from mnist \(mnist, train\), not from mnist \(mnist, test\); choose .* --replace$/,
    );
    expect((await TFRecordDataset.open(out)).count).toBe(3);
    await build(out, { source: digits, size: 32, split: 'test', replace: true });
    expect(await open(out)).toBe('test');
    const again = join(folder, 'smaller');
    await build(again, { source: out, size: 16 });
    expect(await open(again)).toBe('test');
  });
});

describe('source and output', () => {
  it('must not be the same, nor lie in each other', async () => {
    const out = join(folder, 'self');
    await build(out);
    for (const request of [
      { source: out, out },
      { source, out: join(source, 'set') },
      { source: join(out, 'set-r02.tfrecords'), out },
    ]) {
      await put(join(folder, 'self', '.keep'), '').then(() => rm(join(folder, 'self', '.keep')));
      await expect(build(request.out, { source: request.source })).rejects.toMatchObject({
        code: expect.stringMatching(/output-refused|source-missing/) as string,
      });
    }
    expect((await TFRecordDataset.open(out)).count).toBe(4);
  });
});

describe('pipes', () => {
  const pipe = (file: string) => execFileSync('mkfifo', [file]);

  it.skipIf(process.platform === 'win32')('in the place of files are refused, not waited for', async () => {
    const out = join(folder, 'pipes');
    await build(out);
    await rm(join(out, 'manifest.jsonl'));
    pipe(join(out, 'manifest.jsonl'));
    expect((await build(out)).reused).toBe(0);

    await rm(join(out, 'pipes-r03.tfrecords'));
    pipe(join(out, 'pipes-r03.tfrecords'));
    await expect(TFRecordDataset.open(out)).rejects.toMatchObject({ code: 'dataset-invalid' });

    const labels = join(folder, 'labels.csv');
    pipe(labels);
    await expect(build(join(folder, 'piped'), { labels: { file: labels } })).rejects.toMatchObject({
      code: 'annotation-invalid',
    });
  });
});

describe('damaged lines of a manifest', () => {
  it('are unknown pictures to a build, and an error of the dataset to a repair', async () => {
    const out = join(folder, 'lines');
    await build(out);
    const manifest = join(out, 'manifest.jsonl');
    const [, ...others] = (await readFile(manifest, 'utf8')).trimEnd().split('\n');
    await writeFile(manifest, ['null', ...others].join('\n'));
    const index = (await readIndex(out))!;
    const remake = async () => {
      const made: Uint8Array[] = [];
      for await (const image of remakeImages(out, index, [0, 1, 2, 3], { source, scratch: folder }))
        made.push(image);
    };
    await expect(remake()).rejects.toThrow(/manifest\.jsonl: line 1: is not of a build/);
    expect((await build(out)).reused).toBe(3);
  });
});

describe('of equal pictures', () => {
  it('one that has a label is kept, though an earlier one has none', async () => {
    const twins = join(folder, 'twins');
    await mkdir(twins);
    for (const name of ['a.png', 'b.png'])
      await writeFile(join(twins, name), await readFile(join(source, '0.png')));
    const file = join(folder, 'twins.csv');
    await writeFile(file, 'path,class\nb.png,1\n');
    const out = join(folder, 'twins-set');
    expect(await build(out, { source: twins, labels: { file } })).toMatchObject({ images: 1 });
    expect((await manifestOf(out)).map((line) => line['reason'])).toEqual(['no-label', null]);
  });
});

describe('a broken archive', () => {
  it('in a folder is dropped with a reason, and gives no class; as the source itself it is an error', async () => {
    const mixed = join(folder, 'mixed');
    for (const [to, from] of [
      ['x/0.png', 0],
      ['y/1.png', 1],
    ] as const)
      await put(join(mixed, to), await readFile(join(source, `${from}.png`)));
    await put(join(mixed, 'w/broken.zip'), 'no archive');
    const out = join(folder, 'mixed-set');
    const summary = await build(out, { source: mixed, labels: 'folders' });
    expect(summary).toMatchObject({ images: 2, dropped: { 'archive-invalid': 1 }, labels: ['x', 'y'] });
    expect((await manifestOf(out))[0]).toMatchObject({
      path: 'w/broken.zip',
      decision: 'dropped',
      reason: 'archive-invalid',
      detail: expect.stringMatching(/^is no archive we read/) as string,
      sha256: null,
    });
    const alone = { source: join(mixed, 'w/broken.zip'), kind: 'archive' };
    await expect(build(join(folder, 'alone'), alone)).rejects.toMatchObject({ code: 'source-invalid' });
  });
});

describe('bombs', () => {
  it('an idx file of one enormous picture is refused by its header', async () => {
    const bomb = join(folder, 'bomb');
    const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    const idx = gzipSync(Buffer.concat([header, Buffer.alloc(2 ** 14 * 2 ** 14)]));
    await put(join(bomb, 'train-images-idx3-ubyte.gz'), idx);
    await expect(build(join(folder, 'bombed'), { source: bomb })).rejects.toThrow(/pictures of 16384x16384/);
  });
});
