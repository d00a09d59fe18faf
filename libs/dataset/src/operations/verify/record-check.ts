/**
 * Looks at one frame after another of a level file: checksums, length, shape. All frames of a file are equal but
 * for pixels and payload checksum, so the rest is compared with what it must be instead of being parsed.
 */
import { crc32c } from '@node-rs/crc32';
import { DatasetError } from '../../errors.js';
import { decodeExample, exampleFrame, type ImageShape } from '../../records/example.js';
import { footerBytes, frameHeader, framingBytes, headerBytes } from '../../records/framing.js';
import { mask, maskedCrc } from '../../records/crc.js';
import { crcJoiner, crcOfFew, fewBytes } from './crc-combine.js';
import type { FindingCode } from './findings.js';

export type ReportRecord = (code: FindingCode, what: string) => void;

const hex = (value: number) => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** What frames around payloads of one length have in common. */
interface Expected {
  readonly length: number;
  readonly header: Buffer;
  /** CRCs of a file and of the next payload → CRC of both with the header between them. */
  readonly join: (crc: number, payload: number) => number;
}

function expectedFor(length: number): Expected {
  const header = frameHeader(length);
  const join = crcJoiner(headerBytes + length);
  // The map is linear: a header that is always the same adds always the same.
  const added = crcJoiner(length)(crc32c(header), 0);
  return { length, header, join: (crc, payload) => join(crc, payload ^ added) };
}

/** Distinct lengths to remember; files have one, unless their features come in changing order and size. */
const lengthsKept = 16;

function equalAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

export class RecordCheck {
  /** CRC-32C of all frames so far; means nothing once a frame was not sound. */
  fileCrc = 0;
  readonly #before: Buffer;
  readonly #after: Buffer;
  readonly #pixels: number;
  readonly #known = new Map<number, Expected>();
  #expected: Expected | undefined;

  constructor(private readonly shape: ImageShape) {
    const { before, after } = exampleFrame(shape);
    this.#before = before;
    this.#after = after;
    this.#pixels = shape[0] * shape[1] * shape[2];
  }

  /**
   * The frame at `bytes[start…end)`. Reports what is wrong with it.
   * @returns where its pixels begin in `bytes`, or -1 when they cannot be trusted
   */
  look(bytes: Buffer, start: number, end: number, report: ReportRecord): number {
    const length = end - start - framingBytes;
    const expected = this.#expected?.length === length ? this.#expected : this.#expect(length);
    if (!equalAt(bytes, start, expected.header)) this.#reportHeader(bytes, start, length, report);

    const footer = end - footerBytes;
    const payload = start + headerBytes;
    const crc =
      footer - payload > fewBytes
        ? crc32c(bytes.subarray(payload, footer))
        : crcOfFew(0, bytes, payload, footer);
    const stored = uint32At(bytes, footer);
    if (mask(crc) !== stored) {
      report('payload-crc', `payload checksum: stored ${hex(stored)}, computed ${hex(mask(crc))}`);
      return -1;
    }
    this.fileCrc = crcOfFew(expected.join(this.fileCrc, crc), bytes, footer, end);

    const pixels = start + headerBytes + this.#before.length;
    if (
      length === this.#before.length + this.#pixels + this.#after.length &&
      equalAt(bytes, start + headerBytes, this.#before) &&
      equalAt(bytes, pixels + this.#pixels, this.#after)
    )
      return pixels;
    return this.#parse(bytes, start + headerBytes, footer, report);
  }

  #expect(length: number): Expected {
    let expected = this.#known.get(length);
    if (!expected) {
      if (this.#known.size === lengthsKept) this.#known.clear();
      expected = expectedFor(length);
      this.#known.set(length, expected);
    }
    return (this.#expected = expected);
  }

  #reportHeader(bytes: Buffer, start: number, expected: number, report: ReportRecord): void {
    const stored = uint32At(bytes, start + 8);
    const computed = maskedCrc(bytes.subarray(start, start + 8));
    const length = uint32At(bytes, start) + uint32At(bytes, start + 4) * 2 ** 32;
    if (stored !== computed)
      report('length-crc', `length checksum: stored ${hex(stored)}, computed ${hex(computed)}`);
    else report('length-wrong', `says ${length} bytes where there are ${expected}`);
  }

  #parse(bytes: Buffer, start: number, end: number, report: ReportRecord): number {
    try {
      const { shape, data } = decodeExample(bytes.subarray(start, end), () => 'the record');
      if (`${shape}` === `${this.shape}`) return data.byteOffset - bytes.byteOffset;
      report('shape-wrong', `has shape [${shape}], expected [${this.shape}]`);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      report('record-invalid', error.message);
    }
    return -1;
  }
}
