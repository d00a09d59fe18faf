/**
 * The distance between two samples of one dimension: the sum over ranks of |a_i - b_i|, both sorted. That is the count
 * times the integral of |F - G| over their distribution functions, for which large samples need neither be sorted nor
 * kept. Values are told apart by their first bits into narrow buckets; of each bucket its count and the sum of its values
 * are kept, both exactly. Where F - G does not change its sign within a bucket, the integral follows from these. In the
 * others the values count as if all were equal to their mean, which errs by less than the bucket's width for each of the
 * fewer ones of both samples.
 */

/**
 * Buckets are of the magnitude and a half, so that they are of one width up to 0.5 and as wide as a thousandth of the
 * magnitude beyond: ten bits of a float32 after the exponent. The bits that a bucket does not know add up as whole numbers.
 */
const SHIFT: f32 = 0.5;
const LEAST: i32 = 126 << 23; // bits of SHIFT
const REST: i32 = 13;
const REST_MASK: i32 = (1 << REST) - 1;
const PER_OCTAVE: i32 = 1 << (23 - REST);
/** An entry holds the count above and the sum of low bits below: fits up to 2^25 values. */
const COUNT_SHIFT: u64 = 38;
const SUM_MASK: u64 = ((<u64>1) << COUNT_SHIFT) - 1;

/** Bytes of a table for magnitudes below 2^(octaves - 1) - 0.5: an entry per bucket, and a zero on either side. */
export function tableBytes(octaves: i32): i32 {
  return (2 * octaves * PER_OCTAVE + 2) * 8;
}

/** Number of a value's bucket before the low bits, ascending with the value; from 0 on for positive ones. */
function keysOf(values: v128, greatest: v128): v128 {
  const shifted = f32x4.add(f32x4.abs(values), f32x4.splat(SHIFT));
  const magnitude = i32x4.sub(i32x4.min_s(shifted, greatest), i32x4.splat(LEAST));
  return v128.xor(magnitude, i32x4.shr_s(values, 31));
}

/** `middle`: the entry of bucket 0. */
function enterOne(key: i32, middle: usize): void {
  const at = middle + ((<usize>(key >> REST)) << 3);
  store<u64>(at, load<u64>(at) + (((<u64>1) << COUNT_SHIFT) | (<u64>(key & REST_MASK))));
}

/** Takes `count` float32 into a table, which begins as zeros. Larger magnitudes than it is for count as the largest. */
export function enterTable(values: usize, count: i32, table: usize, octaves: i32): void {
  const middle = table + ((<usize>(octaves * PER_OCTAVE + 1)) << 3);
  const greatest = i32x4.splat(LEAST + (octaves << 23) - 1);
  let i = 0;
  for (; i + 4 <= count; i += 4, values += 16) {
    const keys = keysOf(v128.load(values), greatest);
    enterOne(i32x4.extract_lane(keys, 0), middle);
    enterOne(i32x4.extract_lane(keys, 1), middle);
    enterOne(i32x4.extract_lane(keys, 2), middle);
    enterOne(i32x4.extract_lane(keys, 3), middle);
  }
  for (; i < count; i++, values += 4)
    enterOne(i32x4.extract_lane(keysOf(v128.load32_splat(values), greatest), 0), middle);
}

/** Where magnitudes of a step begin. */
function magnitudeAt(step: i32): f64 {
  return <f64>reinterpret<f32>(LEAST + (step << REST)) - <f64>SHIFT;
}

/** How many values of a bucket, of which `entry` is the address. */
function countAt(entry: usize): i32 {
  return <i32>(load<u64>(entry) >> COUNT_SHIFT);
}

/** Whether a bucket has far more values than its neighbours: as good as equal ones, such as flat patches give. */
function isPeak(entry: usize): bool {
  return countAt(entry) > 2 * (countAt(entry - 8) + countAt(entry + 8)) + 32;
}

/** Integral of |F - G| over a bucket as if the values of each sample were at its mean, `a` and `b` from the left end. */
function stepwise(before: i32, na: i32, nb: i32, a: f64, b: f64, width: f64): f64 {
  const after = before + na - nb;
  const between = a <= b ? before + na : before - nb;
  const first = min(a, b);
  const second = max(a, b);
  return (
    Math.abs(<f64>before) * first +
    Math.abs(<f64>between) * (second - first) +
    Math.abs(<f64>after) * (width - second)
  );
}

/** Sum over ranks of |a_i - b_i| of two samples of one count, of which these are the tables. */
export function tableDistance(tableA: usize, tableB: usize, octaves: i32): f64 {
  const half = octaves * PER_OCTAVE;
  let integral: f64 = 0;
  let before = 0; // how many more of a than of b lie to the left
  for (let bucket = -half; bucket < half; bucket++) {
    tableA += 8;
    tableB += 8;
    const na = countAt(tableA);
    const nb = countAt(tableB);
    if ((before | na | nb) === 0) continue;
    const step = bucket < 0 ? -1 - bucket : bucket;
    const start = magnitudeAt(step);
    const width = magnitudeAt(step + 1) - start;
    if ((na | nb) === 0) {
      integral += Math.abs(<f64>before) * width;
      continue;
    }
    // Distances from the left end, which values of negative buckets never reach.
    const unit = width / <f64>(REST_MASK + 1);
    const edge = bucket < 0 ? 1 : 0;
    const sumA = unit * <f64>((load<u64>(tableA) & SUM_MASK) + na * edge);
    const sumB = unit * <f64>((load<u64>(tableB) & SUM_MASK) + nb * edge);
    const after = before + na - nb;
    if (before >= nb || before <= -na || <f64>before * <f64>after > 3 * <f64>(na + nb))
      integral += Math.abs(<f64>after * width - sumA + sumB);
    else if (isPeak(tableA) || isPeak(tableB))
      integral += stepwise(before, na, nb, sumA / <f64>max(na, 1), sumB / <f64>max(nb, 1), width);
    else integral += 0.5 * (Math.abs(<f64>before) + Math.abs(<f64>after)) * width;
    before = after;
  }
  return integral;
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
