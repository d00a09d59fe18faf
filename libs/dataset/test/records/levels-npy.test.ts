import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy, imageLevels } from '../../src/index.js';
import { roundHalfEven } from '../../src/faces/rounding.js';
import { goldenFolder } from './golden.js';

describe('levels', () => {
  it('round halves to even', () => {
    expect([0.5, 1.5, 2.5, 254.5, 0.49999, 0.50001].map(roundHalfEven)).toEqual([0, 2, 2, 254, 0, 1]);
  });

  it('average the unrounded level above', () => {
    // 2×2 means 0.25 everywhere: rounding each level first would give 0 forever; so does 0.25 in the end.
    const image = new Uint8Array(64).map((_, i) => (i % 2 === 0 && Math.floor(i / 8) % 2 === 0 ? 3 : 0));
    expect([...imageLevels(image, 1, { width: 8, height: 8 })[1]!]).toEqual(new Array(16).fill(1)); // 0.75
    const big = new Uint8Array(256).map((_, i) => (i % 4 < 2 ? 1 : i % 8 < 4 ? 2 : 0) + (i % 2));
    const exact = (x: number, y: number) => {
      let sum = 0;
      for (let dy = 0; dy < 4; dy++)
        for (let dx = 0; dx < 4; dx++) sum += big[(y * 4 + dy) * 16 + x * 4 + dx]!;
      return roundHalfEven(sum / 16);
    };
    const last = imageLevels(big, 1, { width: 16, height: 16 })[2]!;
    expect([...last]).toEqual(Array.from({ length: 16 }, (_, i) => exact(i % 4, Math.floor(i / 4))));
  });

  it('end at 4x4', () => {
    expect(
      imageLevels(new Uint8Array(3 * 1024), 3, { width: 32, height: 32 }).map((level) => level.length),
    ).toEqual([3072, 768, 192, 48]);
  });
});

describe('.npy', () => {
  const golden = readFileSync(`${goldenFolder}gray32/gray32-rxx.labels`);

  it('is written as current NumPy writes it', () => {
    const { shape, data } = decodeNpy(golden, 'golden');
    expect(shape).toEqual([12, 4]);
    expect(encodeNpy(data, shape).equals(golden)).toBe(true);
  });

  it('is read with the 80-byte header of old NumPy', () => {
    const old = Buffer.alloc(80, ' ');
    old.write('\x93NUMPY\x01\x00\x46\x00', 'latin1');
    old.write("{'descr': '<f4', 'fortran_order': False, 'shape': (12, 4), }", 10, 'latin1');
    const file = Buffer.concat([old, golden.subarray(128)]);
    expect(decodeNpy(file, 'old')).toEqual(decodeNpy(golden, 'golden'));
  });

  it('converts other numbers', () => {
    const header = encodeNpy(new Float32Array(0), [0]).toString('latin1').replace('(0,)', '(3,)');
    const int64 = Buffer.concat([
      Buffer.from(header.replace('<f4', '<i8'), 'latin1'),
      Buffer.from(BigInt64Array.from([1n, -2n, 3n]).buffer),
    ]);
    expect([...decodeNpy(int64, 'int64').data]).toEqual([1, -2, 3]);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['another file', Buffer.from('not a numpy file at all')],
    ['a header that ends too early', golden.subarray(0, 60)],
    ['missing data', golden.subarray(0, golden.length - 4)],
    ['strings', Buffer.from(golden.toString('latin1').replace('<f4', '<U4'), 'latin1')],
    ['Fortran order', Buffer.from(golden.toString('latin1').replace('False', 'True '), 'latin1')],
    [
      'a shape of 10^18',
      Buffer.from(golden.toString('latin1').replace('(12, 4)', '(999999999, 999999999)'), 'latin1'),
    ],
  ])('%s is a typed error', (_, bytes) => {
    expect(() => decodeNpy(bytes, 'x.labels')).toThrow(expect.objectContaining({ code: 'npy-invalid' }));
  });
});
