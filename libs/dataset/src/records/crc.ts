/** CRC-32C: masked inside TFRecord frames (facts 7.1), plain for whole files in the index. */
import { crc32c } from '@node-rs/crc32';

/** Rotated and offset so that a checksum stored inside checksummed data does not weaken it. */
export function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

/** Of parts that follow each other. */
export function maskedCrc(...parts: readonly Uint8Array[]): number {
  return mask(parts.reduce((crc, part) => crc32c(viewOf(part), crc), 0));
}

/** The checksum takes Buffers only. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Eight hexadecimal digits. */
export function formatCrc(crc: number): string {
  return (crc >>> 0).toString(16).padStart(8, '0');
}
