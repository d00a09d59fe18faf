/**
 * Pixels of a damaged record, from itself: a single flipped bit leaves a trace in the CRC that tells which one it was.
 * Whoever uses them compares the whole file's SHA-256 afterwards: damage of many bits may look like damage of one.
 */
import { crc32c } from '@node-rs/crc32';
import { DatasetError } from '../../errors.js';
import { decodeExample, type ImageShape } from '../../records/example.js';
import { footerBytes, headerBytes } from '../../records/framing.js';
import { mask, unmask } from '../../records/crc.js';
import { polynomial } from '../verify/crc-combine.js';

/** The bit of a message of `length` bytes whose flip changes its CRC by `difference`, or -1. */
function flippedBit(difference: number, length: number): number {
  // The trace of the last bit; each bit before it has gone one step further through the register.
  let trace = polynomial;
  for (let bit = length * 8 - 1; bit >= 0; bit--) {
    if (trace === difference) return bit;
    trace = trace & 1 ? ((trace >>> 1) ^ polynomial) >>> 0 : trace >>> 1;
  }
  return -1;
}

const isOneBit = (value: number) => value !== 0 && (value & (value - 1)) === 0;

/** `frame`: where the record should lie. Returns pixels of `shape`, or undefined when more than a bit is wrong. */
export function mendRecord(frame: Buffer, shape: ImageShape): Buffer | undefined {
  const payload = Buffer.from(frame.subarray(headerBytes, frame.length - footerBytes));
  const stored = frame.readUInt32LE(frame.length - footerBytes);
  const crc = crc32c(payload);
  // A flip in the stored checksum itself leaves the payload as it is.
  if (!isOneBit(stored ^ mask(crc)) && stored !== mask(crc)) {
    const bit = flippedBit((unmask(stored) ^ crc) >>> 0, payload.length);
    if (bit < 0) return undefined;
    payload[bit >>> 3]! ^= 1 << (bit & 7);
  }
  try {
    const example = decodeExample(payload, () => 'the mended record');
    return `${example.shape}` === `${shape}` ? example.data : undefined;
  } catch (error) {
    if (error instanceof DatasetError) return undefined;
    throw error;
  }
}
