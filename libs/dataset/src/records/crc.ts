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

export function maskedCrc(bytes: Buffer): number {
  return mask(crc32c(bytes));
}

/** Eight hexadecimal digits. */
export function formatCrc(crc: number): string {
  return (crc >>> 0).toString(16).padStart(8, '0');
}
