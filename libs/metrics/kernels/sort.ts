/** Sorting float32 by the bits: three passes of 11, least significant first. */

const DIGITS: i32 = 11;
const SLOTS: i32 = 1 << DIGITS;
const MASK: u32 = SLOTS - 1;

/** Bytes of scratch that `sortFloats` needs beside `spare`: counts of three digits. */
export const COUNT_BYTES: usize = 3 * 4 * SLOTS;

export function sortScratch(): i32 {
  return <i32>COUNT_BYTES;
}

/** Bits whose order as unsigned numbers is that of the values: negative ones are turned round. */
function keyOf(bits: u32): u32 {
  return bits ^ ((<u32>((<i32>bits) >> 31)) | 0x80000000);
}

function bitsOf(key: u32): u32 {
  return key ^ ((<u32>((<i32>~key) >> 31)) | 0x80000000);
}

function pass(source: usize, target: usize, count: i32, offsets: usize, shift: u32): void {
  for (const end = source + ((<usize>count) << 2); source < end; source += 4) {
    const key = load<u32>(source);
    const slot = offsets + ((<usize>((key >> shift) & MASK)) << 2);
    const place = load<u32>(slot);
    store<u32>(slot, place + 1);
    store<u32>(target + ((<usize>place) << 2), key);
  }
}

/** Ascending, in place. `spare`: as many floats; `counts`: COUNT_BYTES. No NaN. */
export function sortFloats(values: usize, count: i32, spare: usize, counts: usize): void {
  memory.fill(counts, 0, COUNT_BYTES);
  const second = counts + 4 * SLOTS;
  const third = second + 4 * SLOTS;
  const end = values + ((<usize>count) << 2);
  for (let at = values; at < end; at += 4) {
    const key = keyOf(load<u32>(at));
    store<u32>(at, key);
    const low = counts + ((<usize>(key & MASK)) << 2);
    const middle = second + ((<usize>((key >> DIGITS) & MASK)) << 2);
    const high = third + ((<usize>(key >> (2 * DIGITS))) << 2);
    store<u32>(low, load<u32>(low) + 1);
    store<u32>(middle, load<u32>(middle) + 1);
    store<u32>(high, load<u32>(high) + 1);
  }
  for (let table = counts; table <= third; table += 4 * SLOTS) {
    let sum: u32 = 0;
    for (let at = table, last = table + 4 * SLOTS; at < last; at += 4) {
      const here = load<u32>(at);
      store<u32>(at, sum);
      sum += here;
    }
  }
  pass(values, spare, count, counts, 0);
  pass(spare, values, count, second, DIGITS);
  pass(values, spare, count, third, 2 * DIGITS);
  for (let from = spare, at = values; at < end; from += 4, at += 4) store<u32>(at, bitsOf(load<u32>(from)));
}
