/**
 * TFRecord framing (facts 7.1): uint64 length, its masked CRC-32C, payload, the payload's masked
 * CRC-32C, all little-endian.
 */
import { DatasetError } from '../errors.js';
import { maskedCrc } from './crc.js';

export const headerBytes = 12;
export const footerBytes = 4;
export const framingBytes = headerBytes + footerBytes;

/** Which record an error is about. */
export interface RecordPlace {
  readonly file: string;
  readonly record: number; // from 0
  readonly offset: number; // of the frame in the file, bytes
}

export function describePlace(place: RecordPlace): string {
  return `${place.file}: record ${place.record} at byte ${place.offset}`;
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;

function corrupt(place: RecordPlace, what: string): DatasetError {
  return new DatasetError(
    'record-corrupt',
    `${describePlace(place)}: ${what}; the file is damaged, build the dataset again or restore a copy`,
  );
}

/** The first `headerBytes` of `frame`, which are around a payload of `length` bytes. */
function writeHeader(frame: Buffer, length: number): void {
  frame.writeUInt32LE(length % 2 ** 32, 0);
  frame.writeUInt32LE(Math.floor(length / 2 ** 32), 4);
  frame.writeUInt32LE(maskedCrc(frame.subarray(0, 8)), 8);
}

/** What comes before a payload of `length` bytes. */
export function frameHeader(length: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  writeHeader(header, length);
  return header;
}

/** Writes the frame around a payload that already lies at `headerBytes` of `frame`. */
export function sealFrame(frame: Buffer): void {
  const length = frame.length - framingBytes;
  writeHeader(frame, length);
  frame.writeUInt32LE(maskedCrc(frame.subarray(headerBytes, headerBytes + length)), headerBytes + length);
}

/** As `sealFrame`, around a payload that lies in several places: the parts of the frame, of which these stay where they are. */
export function sealParts(payload: readonly Uint8Array[]): Uint8Array[] {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  const footer = Buffer.alloc(footerBytes);
  footer.writeUInt32LE(maskedCrc(...payload), 0);
  return [frameHeader(length), ...payload, footer];
}

/**
 * Payload length from the 12 bytes before it. `available`: bytes of the file from `place.offset` on;
 * a length beyond them is refused before anybody allocates it.
 * @throws DatasetError `record-corrupt`
 */
export function readLength(header: Buffer, place: RecordPlace, available: number): number {
  if (header.length < headerBytes)
    throw corrupt(place, `the file ends inside the header (${header.length} of ${headerBytes} bytes)`);
  const expected = header.readUInt32LE(8);
  const got = maskedCrc(header.subarray(0, 8));
  if (expected !== got)
    throw corrupt(place, `length checksum: stored ${hex(expected)}, computed ${hex(got)}`);
  const length = header.readUInt32LE(0) + header.readUInt32LE(4) * 2 ** 32;
  if (length + framingBytes > available)
    throw corrupt(place, `says ${length} bytes where ${Math.max(0, available - framingBytes)} are left`);
  return length;
}

/**
 * Payload of a whole frame, a view, after both checksums.
 * @throws DatasetError `record-corrupt`
 */
export function openFrame(frame: Buffer, place: RecordPlace): Buffer {
  const length = readLength(frame, place, frame.length);
  if (length + framingBytes !== frame.length)
    throw corrupt(place, `says ${length} bytes where the index has ${frame.length - framingBytes}`);
  const payload = frame.subarray(headerBytes, headerBytes + length);
  const expected = frame.readUInt32LE(headerBytes + length);
  const got = maskedCrc(payload);
  if (expected !== got)
    throw corrupt(place, `payload checksum: stored ${hex(expected)}, computed ${hex(got)}`);
  return payload;
}
