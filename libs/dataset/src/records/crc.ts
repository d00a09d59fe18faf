/** CRC-32C: masked inside TFRecord frames (facts 7.1), plain for whole files in the index. */
import { crc32c } from '@node-rs/crc32';

/** Rotated and offset so that a checksum stored inside checksummed data does not weaken it. */
export function maskedCrc(bytes: Buffer): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Eight hexadecimal digits. */
export function formatCrc(crc: number): string {
  return (crc >>> 0).toString(16).padStart(8, '0');
}
