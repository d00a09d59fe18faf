import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from '@node-rs/crc32';
import { RandomState } from '@pggan/random';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, TFRecordDataset, type BuildSummary } from '../../src/index.js';
import { decodePicture } from '../../src/pipeline/decode.js';
import { temporaryFolder } from '../folder.js';
import { manifestOf, noisePicture, noModel, options, put } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'odd');
const out = join(folder, 'set');
const random = new RandomState(5);
const plain = await noisePicture(random, 60, 40).png().toBuffer();
const jpeg = await noisePicture(random, 200, 160).jpeg().toBuffer();
let summary: BuildSummary;
let lines: Map<string, Record<string, unknown>>;

/** A PNG of side × side black pixels in some kilobytes. */
function bomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]); // one bit a pixel, gray
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  const rows = Buffer.alloc(side * (1 + side / 8));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

beforeAll(async () => {
  const files: Record<string, Buffer | string> = {
    'plain.png': plain,
    'gray.png': await sharp(plain).toColourspace('b-w').png().toBuffer(),
    'gray16.png': await sharp(plain).toColourspace('grey16').png().toBuffer(),
    'alpha.png': await sharp(plain).ensureAlpha(0.5).png().toBuffer(),
    'cmyk.jpg': await sharp(plain).toColourspace('cmyk').jpeg().toBuffer(),
    'sixteen.png': await sharp(plain).toColourspace('rgb16').png().toBuffer(),
    'turned.jpg': await sharp(plain).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'animated.gif': await sharp([plain, await sharp(plain).negate().png().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer(),
    'photo.webp': await sharp(jpeg).webp().toBuffer(),
    'photo.avif': await sharp(jpeg).avif().toBuffer(),
    'photo.tif': await sharp(jpeg).tiff().toBuffer(),
    'sub/folder/photo.JPG': jpeg,
    'sub/copy.jpg': jpeg,
    'quote\'s "name"\nover two lines.png': await noisePicture(random, 20, 20).png().toBuffer(),
    'empty.jpg': '',
    'text.jpg': 'this is no picture',
    'drawing.jpg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    'truncated.jpg': jpeg.subarray(0, jpeg.length / 2),
    'header-only.png': plain.subarray(0, 20),
    'huge.png': await sharp({ create: { width: 3000, height: 3000, channels: 3, background: 'red' } })
      .png()
      .toBuffer(),
    'bomb.png': bomb(20_000),
    'notes.txt': 'x',
    '.hidden.png': plain,
  };
  for (const [name, content] of Object.entries(files)) await put(join(source, name), content);
  await symlink(join(source, 'nowhere.jpg'), join(source, 'broken-link.jpg'));
  await symlink(source, join(source, 'sub', 'circle'));
  summary = await buildDataset(
    options({ source, out, align: 'none', maxPixels: 8_000_000, workers: 2 }),
    noModel,
  );
  lines = new Map((await manifestOf(out)).map((line) => [String(line['path']), line]));
});

describe('a folder of odd pictures', () => {
  it.each([
    ['empty.jpg', 'empty-file'],
    ['text.jpg', 'not-an-image'],
    ['drawing.jpg', 'not-an-image'],
    ['truncated.jpg', 'unreadable'],
    ['header-only.png', 'unreadable'],
    ['broken-link.jpg', 'unreadable'],
    ['huge.png', 'too-large'],
    ['bomb.png', 'too-large'],
    ['sub/folder/photo.JPG', 'duplicate'],
    ['sub/circle', 'folder-again'],
  ])('%s is dropped: %s', (name, reason) => {
    expect(lines.get(name)).toMatchObject({ decision: 'dropped', reason, record: null });
  });

  it.each([
    ['plain.png', []],
    ['gray.png', ['gray']],
    ['gray16.png', ['gray', '16-bit']],
    ['alpha.png', ['alpha']],
    ['cmyk.jpg', ['cmyk']],
    ['sixteen.png', ['16-bit']],
    ['turned.jpg', ['exif-turn', 'profile']],
    ['animated.gif', ['alpha', 'animated']],
    ['photo.webp', []],
    ['photo.avif', []],
    ['photo.tif', []],
    ['sub/copy.jpg', []],
    ['quote\'s "name"\nover two lines.png', []],
  ])('%j is kept, converted: %j', (name, converted) => {
    const line = lines.get(name)!;
    expect(line).toMatchObject({ decision: 'kept', reason: null });
    expect((line['picture'] as { converted: string[] }).converted).toEqual(converted);
  });

  it('is counted', () => {
    expect(summary.pictures).toBe(23);
    expect(summary.images).toBe(13);
    expect(summary.otherFiles).toBe(1);
    expect(summary.dropped).toEqual({
      'empty-file': 1,
      'not-an-image': 2,
      unreadable: 3,
      'too-large': 2,
      duplicate: 1,
      'folder-again': 1,
    });
    expect(summary.converted).toMatchObject({
      gray: 2,
      alpha: 2,
      cmyk: 1,
      '16-bit': 2,
      'exif-turn': 1,
      animated: 1,
    });
  });

  it('gives nearly the same image for the same picture in other dress', async () => {
    const dataset = await TFRecordDataset.open(out);
    const imageOf = (name: string) => dataset.images(4, [lines.get(name)!['record'] as number]);
    const expected = await imageOf('plain.png');
    for (const [name, tolerance] of [
      ['sixteen.png', 1],
      ['cmyk.jpg', 40],
      ['animated.gif', 40],
    ] as const) {
      const got = await imageOf(name);
      const largest = got.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      expect(largest, name).toBeLessThanOrEqual(tolerance);
    }
  });
});

describe('decoding', () => {
  it('turns a picture as its EXIF orientation says', async () => {
    const left = Buffer.alloc(8 * 4 * 3).map((_, i) => (Math.floor(i / 3) % 8 < 4 ? 255 : 0));
    const bytes = await sharp(left, { raw: { width: 8, height: 4, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const { image, exifTurn } = await decodePicture(bytes, 1e6);
    expect([image.width, image.height, exifTurn]).toEqual([4, 8, 6]);
    expect(image.data[0]).toBe(255); // what was left is now on top
    expect(image.data.at(-1)).toBe(0);
  });

  it('lays transparency over white', async () => {
    const clear = sharp({
      create: { width: 2, height: 2, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
    });
    const { image } = await decodePicture(await clear.png().toBuffer(), 100);
    expect([...image.data]).toEqual(new Array(12).fill(255));
  });
});
