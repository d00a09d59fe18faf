/**
 * CRC-32C of joined pieces from the CRCs of the pieces, so that a file's checksum comes from those of its
 * records without reading its bytes twice. Appending bytes to a message is a linear map of its CRC over GF(2).
 */

export const polynomial = 0x82f63b78; // reflected

/** A linear map as the images of the 32 single bits. */
type BitMatrix = Uint32Array;

function apply(matrix: BitMatrix, vector: number): number {
  let result = 0;
  for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1) if (rest & 1) result ^= matrix[bit]!;
  return result >>> 0;
}

const oneByte = Uint32Array.from({ length: 32 }, (_, bit) => {
  let crc = (1 << bit) >>> 0;
  for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc >>> 0;
});

const byteTable = Uint32Array.from({ length: 256 }, (_, byte) => apply(oneByte, byte));

/** The map for `length` zero bytes, by repeated squaring. */
function zeros(length: number): BitMatrix {
  let power = oneByte;
  let result: BitMatrix = Uint32Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0);
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    const factor = power;
    if (rest % 2 === 1) result = result.map((column) => apply(factor, column));
    power = factor.map((column) => apply(factor, column));
  }
  return result;
}

/** Up to so many bytes `crcOfFew` is faster than a call into native code. */
export const fewBytes = 96;

/** Continues `crc` by `bytes[start…end)`, one at a time: for a few. */
export function crcOfFew(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let state = ~crc;
  for (let i = start; i < end; i++) state = byteTable[(state ^ bytes[i]!) & 0xff]! ^ (state >>> 8);
  return ~state >>> 0;
}

/** Returns a function: CRC of a message and CRC of `length` further bytes → CRC of both together. */
export function crcJoiner(length: number): (crc: number, next: number) => number {
  const matrix = zeros(length);
  const [low, second, third, high] = [0, 8, 16, 24].map((shift) =>
    Uint32Array.from({ length: 256 }, (_, byte) => apply(matrix, (byte << shift) >>> 0)),
  ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  return (crc, next) =>
    (low[crc & 0xff]! ^
      second[(crc >>> 8) & 0xff]! ^
      third[(crc >>> 16) & 0xff]! ^
      high[crc >>> 24]! ^
      next) >>>
    0;
}
