/**
 * Entropy-coded data of a baseline JPEG file to planes. Only undamaged data of a plain kind: whatever is odd makes
 * `decodeScan` say no, and the caller asks libjpeg.
 */
import { block, writeBlock } from './inverse-dct';

/**
 * Entropy-coded bytes without the zeros that are stuffed in after 0xff, the first one right below `top` and the others
 * downwards, so that eight of them are loaded as one number. Returns how many there are; the marker that ends them (its
 * second byte) goes to `marker`, 0 where the data ends first. Writes up to 15 bytes further down.
 */
export function unstuff(source: usize, end: usize, top: usize, marker: usize): usize {
  const full = i8x16.splat(-1);
  const reverse = i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  let target = top;
  store<u8>(marker, 0);
  while (source < end) {
    if (source + 16 <= end) {
      const v = v128.load(source);
      const mask = i8x16.bitmask(i8x16.eq(v, full));
      v128.store(target - 16, i8x16.swizzle(v, reverse));
      const clean = mask === 0 ? 16 : ctz(mask);
      source += <usize>clean;
      target -= <usize>clean;
      if (mask === 0) continue;
    }
    const byte = load<u8>(source);
    if (byte === 0xff) {
      if (source + 1 >= end) break;
      const next = load<u8>(source, 1);
      if (next !== 0) {
        store<u8>(marker, next);
        break;
      }
      source++;
    }
    source++;
    target--;
    store<u8>(target, byte);
  }
  return top - target;
}

/** How many bits of the data, which end below `dataTop`, were taken. */
let taken: i32 = 0;
let dataTop: usize = 0;
/** Has bits from 2^16 on when a number was out of the range in which all implementations agree, or a code unknown. */
let odd: i32 = 0;
/** The block has nothing but a mean. */
let flat: bool = false;

/**
 * Huffman tables are laid out by the caller: int32 for each of the 1024 values of the next 10 bits, namely bits of code
 * and value, run of zeros << 8, as many ones as the value has bits << 16. For longer codes: the sign bit and the byte
 * where 64 more such int32 stand, for the 6 bits after the 10. 0 there: no such code.
 */
const LINK: i32 = i32.MIN_VALUE;

/** The bits from `at` on, 57 of them at least, at the top of a number. */
function bitsFrom(top: usize, at: i32): u64 {
  return load<u64>(top - <usize>(at >>> 3)) << (at & 7);
}

function entryOf(table: usize, b: u64): i32 {
  const entry = load<i32>(table + ((<usize>(b >> 54)) << 2));
  return entry < 0 ? load<i32>(table + <usize>(entry ^ LINK) + ((<usize>((b >> 48) & 63)) << 2)) : entry;
}

/** The value behind a code: the lower half of the numbers of its bits are negative. */
function valueOf(entry: i32, b: u64): i32 {
  const ones = entry >>> 16;
  const value = (<i32>(b >> (64 - (entry & 255)))) & ones;
  return value - (value <= ones >>> 1 ? ones : 0);
}

/**
 * Coefficients of the next block to `block`. `scales`: for each place in zigzag order the byte of the block where it
 * belongs and, << 16, its quantiser; 16 more for places after the last. `previous`: the component's last DC value,
 * returned anew.
 */
function readBlock(dcTable: usize, acTable: usize, scales: usize, previous: i32): i32 {
  const zero = i32x4.splat(0);
  v128.store(block, zero);
  v128.store(block, zero, 16);
  v128.store(block, zero, 32);
  v128.store(block, zero, 48);
  v128.store(block, zero, 64);
  v128.store(block, zero, 80);
  v128.store(block, zero, 96);
  v128.store(block, zero, 112);
  const top = dataTop - 8;
  let at = taken;
  let b = bitsFrom(top, at);
  let entry = entryOf(dcTable, b);
  let wrong = entry === 0 ? 1 << 16 : 0;
  const dc = previous + (entry >>> 16 ? valueOf(entry, b) : 0);
  at += entry & 255;
  let product = dc * (load<i32>(scales) >>> 16);
  wrong |= product + 0x8000;
  store<i16>(block, <i16>product);

  let k = 1;
  while (k < 64) {
    b = bitsFrom(top, at);
    entry = entryOf(acTable, b);
    at += entry & 255;
    if (entry >>> 16 === 0) {
      // Sixteen zeros, or the end of the block.
      if (entry >>> 8 !== 15) break;
      k += 16;
      continue;
    }
    k += (entry >> 8) & 15;
    const scale = load<i32>(scales + ((<usize>k) << 2));
    product = valueOf(entry, b) * (scale >>> 16);
    wrong |= product + 0x8000;
    store<i16>(block + <usize>(scale & 0xffff), <i16>product);
    k++;
  }
  if (entry === 0 || k > 64) wrong = 1 << 16;
  flat = k === 1;
  taken = at;
  odd |= wrong;
  return dc;
}

/** Bytes of what `decodeScan` is told about a component. */
const COMPONENT: usize = 32;

/**
 * All units of a scan of three components to their planes. `components`: three times int32 blocks across, blocks down,
 * address of the plane, its stride, address of the DC table, of the AC table, of the scales, unused. Planes have whole
 * units; of those only `fromColumn` <= column < `toColumn`, `fromRow` <= row < `toRow` are written. Data lie below `top`,
 * as `unstuff` leaves them; 2048 bytes below them may be read. Returns 1 when all is well to the last bit.
 */
export function decodeScan(
  top: usize,
  length: usize,
  unitsAcross: i32,
  unitsDown: i32,
  components: usize,
  fromColumn: i32,
  toColumn: i32,
  fromRow: i32,
  toRow: i32,
): i32 {
  dataTop = top;
  taken = 0;
  odd = 0;
  let dc0 = 0;
  let dc1 = 0;
  let dc2 = 0;
  const all = <i32>length * 8;
  for (let row = 0; row < unitsDown; row++) {
    const rowWanted = row >= fromRow && row < toRow;
    for (let column = 0; column < unitsAcross; column++) {
      const wanted = rowWanted && column >= fromColumn && column < toColumn;
      for (let i: usize = 0; i < 3; i++) {
        const component = components + i * COMPONENT;
        const across = load<i32>(component);
        const down = load<i32>(component, 4);
        const stride = <usize>load<i32>(component, 12);
        const plane = load<i32>(component, 8) + (row * down * <i32>stride + column * across) * 8;
        let dc = i === 0 ? dc0 : i === 1 ? dc1 : dc2;
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) {
            dc = readBlock(load<i32>(component, 16), load<i32>(component, 20), load<i32>(component, 24), dc);
            if (wanted && !writeBlock(<usize>(plane + (y * <i32>stride + x) * 8), stride, flat)) return 0;
          }
        }
        if (i === 0) dc0 = dc;
        else if (i === 1) dc1 = dc;
        else dc2 = dc;
      }
      if (odd >>> 16 || taken > all) return 0;
    }
  }
  // All bits are used but those that fill the last byte.
  return i32(all - taken < 8);
}
