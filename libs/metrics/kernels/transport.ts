/**
 * The distance between two samples of one dimension: the sum over ranks of |a_i - b_i|, both sorted. That is the count
 * times the integral of |F - G| over their distribution functions, for which large samples need not be sorted. Values
 * are told apart by their first bits into narrow buckets. Of each its count and sum are kept, both exactly: within a
 * bucket the values have one exponent, so that their low bits add up as whole numbers. Where F - G cannot change its
 * sign within a bucket, the integral follows from counts and sums; only the values of the other buckets are sorted.
 */
import { COUNT_BYTES, sortFloats } from './sort';

/** Buckets are for magnitudes from 2^-10 to 2^7; smaller and larger ones share the outermost, which are sorted. */
const LEAST: u32 = (127 - 10) << 23;
const GREATEST: u32 = ((127 + 7) << 23) - 1;
/** Bits of a value that its bucket does not know: the more values there are, the narrower the buckets. */
const FEWEST_REST: u32 = 12;
let rest: u32 = FEWEST_REST;
let restMask: u32 = 0;
/** Buckets of one sign. */
let half: i32 = 0;
let buckets: i32 = 0;
/** A table entry holds the count above and the sum of low bits below: fits up to 2^25 values. */
const COUNT_SHIFT: u64 = 37;
const SUM_MASK: u64 = (1 << COUNT_SHIFT) - 1;

function halfOf(bits: u32): i32 {
  return <i32>((GREATEST - LEAST) >> bits) + 1;
}

/** Some hundred values fall into the fullest buckets. */
function chooseBuckets(count: i32): void {
  rest = FEWEST_REST;
  while (rest < 16 && (<u32>count) << (rest - FEWEST_REST) < 1 << 21) rest++;
  restMask = (1 << rest) - 1;
  half = halfOf(rest);
  buckets = 2 * half;
}

/** Bytes of scratch for `transport`, beside two copies of the values. */
export function transportScratch(): i32 {
  return <i32>(COUNT_BYTES + 34 * <usize>halfOf(FEWEST_REST));
}

/** Sum of |a_i - b_i| of sorted values. */
export function rankDistance(a: usize, b: usize, count: i32): f64 {
  let sum = f64x2.splat(0);
  let i = 0;
  for (; i + 2 <= count; i += 2, a += 8, b += 8) {
    const left = f64x2.promote_low_f32x4(v128.load64_zero(a));
    sum = f64x2.add(sum, f64x2.abs(f64x2.sub(left, f64x2.promote_low_f32x4(v128.load64_zero(b)))));
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  if (i < count) total += Math.abs(<f64>load<f32>(a) - <f64>load<f32>(b));
  return total;
}

/** Number of a bucket: those of negative values come first, the largest magnitudes outermost. */
function bucketsOf(bits: v128): v128 {
  const magnitude = v128.and(bits, i32x4.splat(0x7fffffff));
  const clamped = i32x4.max_u(i32x4.min_u(magnitude, i32x4.splat(GREATEST)), i32x4.splat(LEAST));
  const step = i32x4.shr_u(i32x4.sub(clamped, i32x4.splat(LEAST)), rest);
  return i32x4.add(v128.xor(step, i32x4.shr_s(bits, 31)), i32x4.splat(half));
}

function enter(table: usize, bucket: i32, low: i32): void {
  const at = table + ((<usize>bucket) << 3);
  store<u64>(at, load<u64>(at) + (((<u64>1) << COUNT_SHIFT) | (<u64>low)));
}

function fillTable(values: usize, count: i32, table: usize): void {
  let i = 0;
  for (; i + 4 <= count; i += 4, values += 16) {
    const bits = v128.load(values);
    const bucket = bucketsOf(bits);
    const low = v128.and(bits, i32x4.splat(restMask));
    enter(table, i32x4.extract_lane(bucket, 0), i32x4.extract_lane(low, 0));
    enter(table, i32x4.extract_lane(bucket, 1), i32x4.extract_lane(low, 1));
    enter(table, i32x4.extract_lane(bucket, 2), i32x4.extract_lane(low, 2));
    enter(table, i32x4.extract_lane(bucket, 3), i32x4.extract_lane(low, 3));
  }
  for (; i < count; i++, values += 4) {
    const bits = v128.load32_splat(values);
    enter(table, i32x4.extract_lane(bucketsOf(bits), 0), i32x4.extract_lane(bits, 0) & restMask);
  }
}

/** The values of marked buckets, one after the other at `target`; how many. Writes one beyond the last. */
function gather(values: usize, count: i32, marks: usize, target: usize): i32 {
  const start = target;
  let i = 0;
  for (; i + 4 <= count; i += 4, values += 16) {
    const bits = v128.load(values);
    const bucket = bucketsOf(bits);
    store<i32>(target, i32x4.extract_lane(bits, 0));
    target += (<usize>load<u8>(marks + i32x4.extract_lane(bucket, 0))) << 2;
    store<i32>(target, i32x4.extract_lane(bits, 1));
    target += (<usize>load<u8>(marks + i32x4.extract_lane(bucket, 1))) << 2;
    store<i32>(target, i32x4.extract_lane(bits, 2));
    target += (<usize>load<u8>(marks + i32x4.extract_lane(bucket, 2))) << 2;
    store<i32>(target, i32x4.extract_lane(bits, 3));
    target += (<usize>load<u8>(marks + i32x4.extract_lane(bucket, 3))) << 2;
  }
  for (; i < count; i++, values += 4) {
    const bits = v128.load32_splat(values);
    store<i32>(target, i32x4.extract_lane(bits, 0));
    target += (<usize>load<u8>(marks + i32x4.extract_lane(bucketsOf(bits), 0))) << 2;
  }
  return <i32>((target - start) >> 2);
}

/** Where magnitudes of a step begin. */
function magnitudeAt(step: i32): f64 {
  return <f64>reinterpret<f32>(LEAST + ((<u32>step) << rest));
}

/** Left end of a bucket; the outermost ones begin and end where their neighbours do. */
function leftOf(bucket: i32): f64 {
  return bucket < half ? -magnitudeAt(half - bucket) : bucket === half ? 0 : magnitudeAt(bucket - half);
}

/** Sum of a bucket's values. */
function sumOf(entry: u64, bucket: i32): f64 {
  const step = bucket < half ? half - 1 - bucket : bucket - half;
  const start = magnitudeAt(step);
  const unit = <f64>reinterpret<f32>(LEAST + ((<u32>step) << rest) + 1) - start;
  const sum = <f64>(entry >> COUNT_SHIFT) * start + <f64>(entry & SUM_MASK) * unit;
  return bucket < half ? -sum : sum;
}

function outermost(bucket: i32): bool {
  return bucket === 0 || bucket === half - 1 || bucket === half || bucket === buckets - 1;
}

/** Integral of |ahead + A - B| over [left, right), A and B the counts of sorted values up to there. */
function stepwise(a: usize, na: i32, b: usize, nb: i32, ahead: i32, left: f64, right: f64): f64 {
  let integral: f64 = 0;
  let from = left;
  const endA = a + ((<usize>na) << 2);
  const endB = b + ((<usize>nb) << 2);
  while (a < endA || b < endB) {
    const takeA = b >= endB || (a < endA && load<f32>(a) <= load<f32>(b));
    const value = <f64>load<f32>(takeA ? a : b);
    integral += Math.abs(<f64>ahead) * (value - from);
    from = value;
    if (takeA) {
      a += 4;
      ahead++;
    } else {
      b += 4;
      ahead--;
    }
  }
  return integral + Math.abs(<f64>ahead) * (right - from);
}

/**
 * Sum over ranks of |a_i - b_i| of `count` float32 each, in any order, without NaN. `spareA`, `spareB`: count + 4 floats
 * each; `scratch`: transportScratch() bytes.
 */
export function transport(a: usize, b: usize, count: i32, spareA: usize, spareB: usize, scratch: usize): f64 {
  chooseBuckets(count);
  const tableA = scratch + COUNT_BYTES;
  const tableB = tableA + ((<usize>buckets) << 3);
  const marks = tableB + ((<usize>buckets) << 3);
  memory.fill(tableA, 0, 17 * <usize>buckets);
  fillTable(a, count, tableA);
  fillTable(b, count, tableB);

  let integral: f64 = 0;
  let ahead = 0; // how many more of a than of b lie to the left
  let marked = 0;
  let left = leftOf(0);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const right = bucket + 1 < buckets ? leftOf(bucket + 1) : left;
    const entryA = load<u64>(tableA + ((<usize>bucket) << 3));
    const entryB = load<u64>(tableB + ((<usize>bucket) << 3));
    const na = <i32>(entryA >> COUNT_SHIFT);
    const nb = <i32>(entryB >> COUNT_SHIFT);
    if ((na | nb) === 0) {
      integral += Math.abs(<f64>ahead) * (right - left);
    } else if (outermost(bucket) || (ahead < nb && ahead > -na)) {
      store<u8>(marks + bucket, 1);
      marked++;
    } else {
      const within = <f64>na * right - sumOf(entryA, bucket) - (<f64>nb * right - sumOf(entryB, bucket));
      integral += Math.abs(<f64>ahead * (right - left) + within);
    }
    ahead += na - nb;
    left = right;
  }
  if (marked === 0) return integral;

  const gatheredA = gather(a, count, marks, spareA);
  const gatheredB = gather(b, count, marks, spareB);
  // The values themselves are not needed any more: their place serves the sorting.
  sortFloats(spareA, gatheredA, a, scratch);
  sortFloats(spareB, gatheredB, b, scratch);
  ahead = 0;
  left = leftOf(0);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const right = bucket + 1 < buckets ? leftOf(bucket + 1) : left;
    const na = <i32>(load<u64>(tableA + ((<usize>bucket) << 3)) >> COUNT_SHIFT);
    const nb = <i32>(load<u64>(tableB + ((<usize>bucket) << 3)) >> COUNT_SHIFT);
    if (load<u8>(marks + bucket)) {
      integral += stepwise(spareA, na, spareB, nb, ahead, left, right);
      spareA += (<usize>na) << 2;
      spareB += (<usize>nb) << 2;
    }
    ahead += na - nb;
    left = right;
  }
  return integral;
}
