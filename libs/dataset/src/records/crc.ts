/** The masked CRC-32C of the TFRecord format (facts 7.1). */
import { crc32c } from '@node-rs/crc32';

/** Rotated and offset so that a checksum stored inside checksummed data does not weaken it. */
export function maskedCrc(bytes: Buffer): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
