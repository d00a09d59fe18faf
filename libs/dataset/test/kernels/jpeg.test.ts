/**
 * The decoder for plain JPEG files against libjpeg (sharp), byte for byte. Fixtures: 4:2:2 and restart markers, which
 * sharp does not write, by Pillow 13 (`save(subsampling='4:2:2')`, `save(restart_marker_blocks=2)`).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { cropImage } from '../../src/faces/lanczos.js';
import { decodePlainJpeg } from '../../src/kernels/jpeg.js';
import { readPlainJpeg } from '../../src/kernels/jpeg-header.js';
import { bytes } from './samples.js';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/jpeg', name));

function decode(file: Buffer) {
  const header = readPlainJpeg(file);
  return header && decodePlainJpeg(file, header);
}

/** As pictures are decoded otherwise. */
const libjpeg = (file: Buffer) => sharp(file, { failOn: 'truncated' }).raw().toBuffer();

function noise(width: number, height: number): Buffer {
  return Buffer.from(bytes(width * height * 3));
}

/** Waves with a patch of full colours. */
function waves(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const patch = x > width / 2 && y > height / 2;
    pixels[i] = patch ? (i % 3 === (x >> 3) % 3 ? 255 : 0) : 128 + 100 * Math.sin(x / 5 + y / (3 + (i % 3)));
  }
  return pixels;
}

const encode = (pixels: Buffer, width: number, height: number, options: JpegOptions) =>
  sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg(options)
    .toBuffer();

describe('a plain JPEG file has the pixels that libjpeg gives it', () => {
  const sizes = [
    [16, 16],
    [17, 31],
    [33, 16],
    [40, 50],
    [63, 65],
    [130, 97],
  ] as const;
  for (const chromaSubsampling of ['4:2:0', '4:4:4'])
    for (const quality of [1, 30, 75, 92, 100])
      it(`${chromaSubsampling}, quality ${quality}`, async () => {
        for (const [width, height] of sizes)
          for (const picture of [noise, waves]) {
            const options = { quality, chromaSubsampling, optimiseCoding: width % 2 === 0 };
            const file = await encode(picture(width, height), width, height, options);
            const image = decode(file)!;
            expect([image.width, image.height]).toEqual([width, height]);
            expect(Buffer.compare(image.data, await libjpeg(file)), `${width}x${height}`).toBe(0);
          }
      });

  it.each(['422-37x23.jpg', '422-64x48.jpg', '422-18x17.jpg'])('%s', async (name) => {
    const file = fixture(name);
    expect(Buffer.compare(decode(file)!.data, await libjpeg(file))).toBe(0);
  });

  it('larger than a chunk of output', async () => {
    const file = await encode(waves(700, 300), 700, 300, { quality: 80 });
    expect(Buffer.compare(decode(file)!.data, await libjpeg(file))).toBe(0);
  });

  it('of any part', async () => {
    const [width, height] = [150, 97];
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
      const file = await encode(noise(width, height), width, height, { quality: 90, chromaSubsampling });
      const whole = decode(file)!;
      for (const [left, top, right, bottom] of [
        [0, 0, 150, 97],
        [26, 0, 123, 97],
        [0, 11, 150, 60],
        [31, 33, 32, 34],
        [149, 96, 150, 97],
        [34, 16, 98, 80],
      ] as const) {
        const part = { left, top, right, bottom };
        const got = decodePlainJpeg(file, readPlainJpeg(file)!, part)!;
        expect([got.width, got.height]).toEqual([right - left, bottom - top]);
        expect(Buffer.compare(got.data, cropImage(whole, part).data), JSON.stringify(part)).toBe(0);
      }
    }
  });

  it('with EXIF, which is pointed out', async () => {
    const file = await sharp(waves(32, 32), { raw: { width: 32, height: 32, channels: 3 } })
      .withExif({ IFD0: { Copyright: 'nobody' } })
      .jpeg()
      .toBuffer();
    expect(readPlainJpeg(file)).toMatchObject({ width: 32, height: 32, hasExif: true });
  });
});

describe('left to libjpeg', () => {
  const picture = waves(48, 40);
  const raw = { raw: { width: 48, height: 40, channels: 3 } } as const;
  it.each<[string, () => Promise<Buffer>]>([
    ['progressive', () => sharp(picture, raw).jpeg({ progressive: true }).toBuffer()],
    ['gray', () => sharp(picture, raw).toColourspace('b-w').jpeg().toBuffer()],
    ['CMYK', () => sharp(picture, raw).toColourspace('cmyk').jpeg().toBuffer()],
    ['a colour profile', () => sharp(picture, raw).withIccProfile('p3').jpeg().toBuffer()],
    ['restart markers', async () => fixture('restart.jpg')],
    ['PNG', () => sharp(picture, raw).png().toBuffer()],
    ['nothing', async () => Buffer.alloc(0)],
    ['too small for the filters', () => sharp(picture, raw).resize(12, 40).jpeg().toBuffer()],
  ])('%s', async (_, make) => {
    expect(decode(await make())).toBeUndefined();
  });

  it('cut off anywhere', async () => {
    const file = await encode(picture, 48, 40, { quality: 80 });
    for (let length = 0; length < file.length; length++)
      expect(decode(file.subarray(0, length)), `${length} of ${file.length} bytes`).toBeUndefined();
  });

  it('damaged, unless libjpeg sees the same picture', async () => {
    const files = [
      await encode(picture, 48, 40, { quality: 80 }),
      await encode(noise(33, 35), 33, 35, { quality: 95, chromaSubsampling: '4:4:4' }),
      fixture('422-37x23.jpg'),
    ];
    let [refused, decoded] = [0, 0];
    for (const file of files) {
      const places = bytes(400);
      for (let i = 0; i + 3 < places.length; i += 4) {
        const damaged = Buffer.from(file);
        const at = (places[i]! * 256 + places[i + 1]!) % file.length;
        damaged[at] = damaged[at]! ^ (1 << (places[i + 2]! & 7));
        if (places[i + 3]! & 1) damaged[(at * 7) % file.length] = places[i + 3]!;
        const image = decode(damaged);
        if (!image) refused++;
        else {
          decoded++;
          expect(Buffer.compare(image.data, await libjpeg(damaged)), `byte ${at}`).toBe(0);
        }
      }
    }
    expect(refused).toBeGreaterThan(20);
    expect(decoded).toBeGreaterThan(20);
  });
});
