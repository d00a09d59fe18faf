import { crc32c } from '@node-rs/crc32';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { crcJoiner, crcOfFew } from '../../src/operations/verify/crc-combine.js';
import { mask, unmask } from '../../src/records/crc.js';
import { mendRecord } from '../../src/operations/repair/mend-record.js';
import { RecordCheck } from '../../src/operations/verify/record-check.js';
import { maskedCrc } from '../../src/records/crc.js';
import { exampleFrame } from '../../src/records/example.js';
import { sealFrame } from '../../src/records/framing.js';

const random = new RandomState(3);
const randomBytes = (length: number) => Buffer.from(Array.from({ length }, () => random.randint(256)));

describe('CRC-32C', () => {
  // The check value of the CRC catalogue.
  it('of the digits 1 to 9', () => {
    const digits = Buffer.from('123456789');
    expect(crcOfFew(0, digits, 0, 9)).toBe(0xe3069283);
    expect(crcOfFew(crc32c(digits.subarray(0, 4)), digits, 4, 9)).toBe(0xe3069283);
  });

  it('of joined pieces comes from those of the pieces', () => {
    for (const length of [0, 1, 2, 3, 12, 255, 256, 823, 65_537]) {
      const [first, second] = [randomBytes(100), randomBytes(length)];
      const joined = crcJoiner(length)(crc32c(first), crc32c(second));
      expect(joined, `${length} bytes`).toBe(crc32c(Buffer.concat([first, second])));
    }
    // Three mebibytes of zeros: longer than any record.
    const zeros = Buffer.alloc(3 << 20);
    expect(crcJoiner(zeros.length)(0xe3069283, crc32c(zeros))).toBe(
      crc32c(Buffer.concat([Buffer.from('123456789'), zeros])),
    );
  });

  it('masked as in a frame, and back', () => {
    const bytes = randomBytes(50);
    expect(mask(crc32c(bytes))).toBe(maskedCrc(bytes));
    expect(unmask(maskedCrc(bytes))).toBe(crc32c(bytes));
  });
});

const shape = [1, 4, 4] as const;

function record(): Buffer {
  const { before, after } = exampleFrame(shape);
  const frame = Buffer.concat([Buffer.alloc(12), before, randomBytes(16), after, Buffer.alloc(4)]);
  sealFrame(frame);
  return frame;
}

it('the checksum of a file comes from its records', () => {
  const records = [record(), record(), record()];
  const file = Buffer.concat(records);
  const check = new RecordCheck(shape);
  let at = 0;
  for (const { length } of records) check.look(file, at, (at += length), () => expect.unreachable());
  expect(check.fileCrc).toBe(crc32c(file));
});

describe('a damaged record', () => {
  it('with any one flipped bit is put right', () => {
    const sound = record();
    const pixels = mendRecord(sound, shape)!;
    for (let bit = 0; bit < sound.length * 8; bit++) {
      const flipped = Buffer.from(sound);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(mendRecord(flipped, shape)?.equals(pixels), `bit ${bit}`).toBe(true);
    }
  });

  it('with more is given up', () => {
    const sound = record();
    for (let round = 0; round < 200; round++) {
      const damaged = Buffer.from(sound);
      for (let i = 0; i < 6; i++) damaged[12 + random.randint(50)] = random.randint(256);
      if (!damaged.equals(sound)) expect(mendRecord(damaged, shape)).toBeUndefined();
    }
  });
});
