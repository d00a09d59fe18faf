import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeBytes } from '@pggan/files';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { DatasetError } from '../../src/index.js';
import { maskedCrc } from '../../src/records/crc.js';
import { decodeExample, exampleFrame } from '../../src/records/example.js';
import { sealFrame } from '../../src/records/framing.js';
import { inspectLevelFile } from '../../src/records/level-file.js';
import { LevelReader, levelOfShards } from '../../src/records/level.js';

import { temporaryFolder } from '../folder.js';
import { goldenFolder } from './golden.js';

const folder = temporaryFolder();
const golden = await readFile(join(goldenFolder, 'gray32/gray32-r02.tfrecords'));

/** Reads everything; returns the error's code, or 'sound'. */
async function readAll(bytes: Buffer, name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  try {
    const file = await inspectLevelFile(path);
    await new LevelReader(levelOfShards([file])).read(Int32Array.from({ length: file.count }, (_, i) => i));
    return 'sound';
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    return error.code;
  }
}

function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.alloc(payload.length + 16);
  payload.copy(frame, 12);
  sealFrame(frame);
  return frame;
}

describe('damaged TFRecord files', () => {
  it('every flipped bit of a record is found', async () => {
    for (let bit = 0; bit < 66 * 8; bit++) {
      const bytes = Buffer.from(golden);
      bytes[66 * 3 + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(await readAll(bytes, 'flip'), `bit ${bit}`).toBe('record-corrupt');
    }
  });

  it('every cut is found, or leaves whole records', async () => {
    for (let length = 0; length < golden.length; length += 7) {
      const code = await readAll(golden.subarray(0, length), 'cut');
      const want = length === 0 ? 'dataset-invalid' : length % 66 === 0 ? 'sound' : 'record-corrupt';
      expect(code, `${length} bytes`).toBe(want);
    }
  });

  it('a huge length with a right checksum allocates nothing', async () => {
    for (const high of [0, 1, 0x7fffffff, 0xffffffff]) {
      const frame = frameOf(golden.subarray(12, 62));
      frame.writeUInt32LE(0xfffffff0, 0);
      frame.writeUInt32LE(high, 4);
      frame.writeUInt32LE(maskedCrc(frame.subarray(0, 8)), 8);
      expect(await readAll(frame, 'huge')).toBe('record-corrupt');
    }
  });

  it('random bytes are refused', async () => {
    const random = new RandomState(1);
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(Array.from({ length: random.randint(300) + 1 }, () => random.randint(256)));
      expect(await readAll(bytes, 'random')).toBe('record-corrupt');
    }
  });
});

describe('sound frames around damaged examples', () => {
  const payload = golden.subarray(12, 62);

  it('mutated payloads are typed errors or images', async () => {
    const random = new RandomState(2);
    const codes = new Set<string>();
    for (let round = 0; round < 2000; round++) {
      const mutated = Buffer.from(payload);
      for (let k = 0; k <= random.randint(4); k++)
        mutated[random.randint(mutated.length)] = random.randint(256);
      try {
        decodeExample(mutated, () => 'record');
        codes.add('image');
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        codes.add(error.code);
      }
    }
    expect([...codes].sort()).toEqual(['image', 'record-invalid']);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'lacks the feature "shape"'],
    ['a shape without pixels', encodeBytes(1, exampleFrame([1, 4, 4]).after), 'lacks the feature "data"'],
    ['an endless number', Buffer.alloc(40, 0xff), 'out of range'],
    ['field zero', Buffer.from([0, 0]), 'field numbered 0'],
    ['a group', Buffer.from([0x0b]), 'unknown wire type 3'],
    ['a length beyond the end', Buffer.from([0x0a, 0x7f, 0]), '127 bytes where 1 are left'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeExample(bytes, () => 'x: record 0')).toThrow(message);
  });

  it('a shape that does not fit the pixels', () => {
    const { before, after } = exampleFrame([1, 4, 8]);
    const wrong = Buffer.from(Buffer.concat([before, Buffer.alloc(32), after]));
    wrong[wrong.length - 1] = 4;
    expect(() => decodeExample(wrong, () => 'x')).toThrow(
      /32 pixel bytes where its shape \[1,4,4\] needs 16/,
    );
  });

  it('features in the other order and unpacked shapes are read', () => {
    const feature = (name: string, value: Buffer) =>
      encodeBytes(1, Buffer.concat([encodeBytes(1, Buffer.from(name)), encodeBytes(2, value)]));
    const shape = encodeBytes(3, Buffer.from([8, 1, 8, 4, 8, 4]));
    const data = encodeBytes(1, encodeBytes(1, Buffer.alloc(16, 7)));
    const other = encodeBytes(9, Buffer.from('later'));
    const example = encodeBytes(1, Buffer.concat([feature('shape', shape), feature('data', data), other]));
    expect(decodeExample(example, () => 'x')).toEqual({ shape: [1, 4, 4], data: Buffer.alloc(16, 7) });
  });
});
