import { beforeAll, describe, expect, it } from 'vitest';
import { jpegQuality } from '../../src/quality/jpeg-quality.js';
import { deadLeaves } from './dead-leaves.js';
import { toSharp } from './degrade.js';

const picture = deadLeaves(48, 1);
let file: Uint8Array;
beforeAll(async () => {
  file = await toSharp(picture).jpeg({ quality: 61 }).toBuffer();
});

const segment = (kind: number, bytes: readonly number[]) => [
  0xff,
  kind,
  (bytes.length + 2) >> 8,
  (bytes.length + 2) & 255,
  ...bytes,
];

describe('JPEG quality', () => {
  it('is the one the file was saved with, 1 to 100', async () => {
    const found = await Promise.all(
      Array.from({ length: 100 }, async (_, i) =>
        jpegQuality(
          await toSharp(picture)
            .jpeg({ quality: i + 1 })
            .toBuffer(),
        ),
      ),
    );
    expect(found).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it.each([
    ['progressive', { progressive: true }],
    ['full chroma', { chromaSubsampling: '4:4:4' }],
    ['optimised', { optimiseCoding: true }],
  ])('is found in %s files', async (_, options) => {
    expect(
      jpegQuality(
        await toSharp(picture)
          .jpeg({ quality: 33, ...options })
          .toBuffer(),
      ),
    ).toBe(33);
  });

  it('is found in gray and CMYK files, and behind metadata', async () => {
    expect(jpegQuality(await toSharp(picture).toColourspace('b-w').jpeg({ quality: 42 }).toBuffer())).toBe(
      42,
    );
    expect(jpegQuality(await toSharp(picture).toColourspace('cmyk').jpeg({ quality: 42 }).toBuffer())).toBe(
      42,
    );
    const described = toSharp(picture).withExif({ IFD0: { Copyright: 'x'.repeat(3000) } });
    expect(jpegQuality(await described.jpeg({ quality: 42 }).toBuffer())).toBe(42);
  });

  it('is near for tables that are not the standard ones', async () => {
    const mozjpeg = await Promise.all(
      [30, 60, 90].map(async (quality) =>
        jpegQuality(await toSharp(picture).jpeg({ quality, mozjpeg: true }).toBuffer()),
      ),
    );
    for (const [i, quality] of [30, 60, 90].entries())
      expect(Math.abs(mozjpeg[i]! - quality)).toBeLessThanOrEqual(15);
  });

  it('is nothing for other files', async () => {
    expect(jpegQuality(await toSharp(picture).png().toBuffer())).toBeNull();
    expect(jpegQuality(await toSharp(picture).webp().toBuffer())).toBeNull();
    expect(jpegQuality(new Uint8Array())).toBeNull();
    expect(jpegQuality(Uint8Array.of(0xff, 0xd8, 0xff))).toBeNull();
  });

  it('is told or not, but never fails, for files cut off anywhere or with any byte changed', () => {
    // Cut between its tables a file shows the luma table alone, which is enough.
    const header = Buffer.from(file).indexOf(Buffer.of(0xff, 0xda)) + 20;
    for (let length = 0; length < header; length++)
      expect([null, 61]).toContain(jpegQuality(file.subarray(0, length)));
    for (let at = 2; at < header; at++) {
      for (const value of [0, 1, 0x7f, 0xfe, 0xff]) {
        const broken = Uint8Array.from(file.subarray(0, header));
        broken[at] = value;
        const quality = jpegQuality(broken);
        expect(quality === null || (quality >= 1 && quality <= 100)).toBe(true);
      }
    }
  });

  it('reads 16-bit tables, fill bytes and markers without a segment', async () => {
    const bytes = Buffer.from(file);
    const at = bytes.indexOf(Buffer.of(0xff, 0xdb));
    const table = [...bytes.subarray(at + 5, at + 69)];
    const wide = [0x10, ...table.flatMap((value) => [0, value])];
    const built = [
      0xff,
      0xd8,
      0xff,
      0xff,
      0xff,
      0x01,
      0xff,
      0xd0,
      ...segment(0xdb, wide),
      ...segment(0xda, []),
    ];
    expect(jpegQuality(Uint8Array.from(built))).toBe(61);
    const half = [0xff, 0xd8, ...segment(0xdb, wide.slice(0, 60)), ...segment(0xda, [])];
    expect(jpegQuality(Uint8Array.from(half))).toBeNull();
  });
});
