import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../src/index.js';

/** A file as other programs write it: header and numbers as given. */
function file(header: unknown, numbers: Uint8Array): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, numbers]);
}

const bytes = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);
const pair = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

describe('safetensors of other programs', () => {
  it('may hold other floating-point numbers', () => {
    const half = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7c00);
    const bfloat = Uint16Array.of(0x3f80, 0xc000, 0x3eab);
    const double = Float64Array.of(0.1, -3);
    const header = {
      half: { dtype: 'F16', shape: [6], data_offsets: [0, 12] },
      bfloat: { dtype: 'BF16', shape: [3, 1], data_offsets: [12, 18] },
      double: { dtype: 'F64', shape: [2], data_offsets: [18, 34] },
    };
    const body = Buffer.concat([bytes(half), bytes(bfloat), bytes(double)]);
    const { tensors } = decodeSafetensors(file(header, body), 'f');
    expect([...tensors['half']!.data]).toEqual([1, -2, 0.333251953125, 2 ** -24, -0, Infinity]);
    expect(tensors['bfloat']).toEqual({ shape: [3, 1], data: Float32Array.of(1, -2, 0.333984375) });
    expect([...tensors['double']!.data]).toEqual([Math.fround(0.1), -3]);
  });

  it('may hold tensors in any order, and names of any kind', () => {
    const header = {
      __metadata__: { format: 'pt' },
      b: { ...pair, data_offsets: [8, 16] },
      constructor: pair,
    };
    const { tensors, metadata } = decodeSafetensors(file(header, bytes(Float32Array.of(1, 2, 3, 4))), 'f');
    expect(metadata).toEqual({ format: 'pt' });
    expect(Object.keys(tensors)).toEqual(['b', 'constructor']);
    expect([...tensors['b']!.data, ...tensors['constructor']!.data]).toEqual([3, 4, 1, 2]);
  });
});

describe('what is no sound file is refused with the place of the fault', () => {
  const numbers = bytes(Float32Array.of(1, 2, 3, 4));
  it.each([
    [
      'a gap',
      { a: pair, b: { dtype: 'F32', shape: [1], data_offsets: [12, 16] } },
      '"b" begins at byte 12 of the numbers, expected 8',
    ],
    [
      'an overlap',
      { a: pair, b: { dtype: 'F32', shape: [3], data_offsets: [4, 16] } },
      '"b" begins at byte 4 of the numbers, expected 8',
    ],
    ['a wrong size', { a: { ...pair, shape: [3] } }, '"a" takes 8 bytes, expected 12'],
    [
      'a place that ends before it begins',
      { a: { ...pair, data_offsets: [8, 0] } },
      '"a" takes -8 bytes, expected 8',
    ],
    ['numbers nobody owns', { a: pair }, 'bytes that belong to no tensor: expected 70 bytes, got 78'],
    [
      'integers',
      { a: { ...pair, dtype: 'I64', shape: [1] } },
      '"a" is of type I64, expected one of F32, F64, F16, BF16',
    ],
    ['an entry that is no tensor', { a: { b: 'c' } }, '"a" has no type, shape and place'],
    ['a negative side', { a: { ...pair, shape: [-2] } }, 'the header is damaged'],
    ['a field of its own', { a: { ...pair, extra: 1 } }, 'the header is damaged'],
    ['a list', [], 'the header is damaged'],
    ['half a header', '{"a":', 'the header is damaged'],
  ])('%s', (_, header, message) => {
    expect(() => decodeSafetensors(file(header, numbers), 'w.safetensors', 'save it again')).toThrow(message);
    expect(() => decodeSafetensors(file(header, numbers), 'w.safetensors', 'save it again')).toThrow(
      /^w\.safetensors: .*; save it again$/,
    );
  });

  it('every file with a byte changed in its header, where the checksum cannot', () => {
    const sound = file({ a: pair, b: { ...pair, data_offsets: [8, 16] } }, numbers);
    const original = JSON.stringify(decodeSafetensors(sound, 'f'));
    for (let at = 0; at < sound.length - 16; at++) {
      for (const bit of [0, 1, 4, 6]) {
        const changed = Buffer.from(sound);
        changed[at] = changed[at]! ^ (1 << bit);
        try {
          const read = decodeSafetensors(changed, 'f');
          // Only names can change unseen: everything else must add up to the file.
          const values = (decoded: typeof read) => Object.values(decoded.tensors);
          expect(JSON.stringify(values(read)).length, `byte ${at}`).toBeLessThanOrEqual(original.length);
        } catch (error) {
          expect(error, `byte ${at}`).toMatchObject({ code: 'checkpoint-corrupt' });
        }
      }
    }
  });
});
