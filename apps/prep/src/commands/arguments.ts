/** Values of options, as commander's argument parsers: what is wrong ends with exit code 2. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { datasetNameSchema, expectationOf } from '@pggan/dataset';

function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** Number from `least` to `most`. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}

/** A share below 1, such as 0.1 or 10%, or a whole number. */
export function shareOrCount(text: string): number {
  const percent = /^\s*([\d.]+)\s*%\s*$/.exec(text);
  const value = percent ? Number(percent[1]) / 100 : numberOf(text);
  if (value > 0 && (value < 1 || (Number.isInteger(value) && !percent))) return value;
  throw new InvalidArgumentError('Expected a share below 1, such as 0.1 or 10%, or a number of images.');
}

/** Most bits in which the perceptual hashes of near duplicates differ. */
export const hashDistance = wholeNumber(0, 32);
/** Least correlation of the pixels of near duplicates. */
export const leastLikeness = numberBetween(-1, 1);

/** Prefix of the files of a dataset. */
export function datasetName(text: string): string {
  const parsed = datasetNameSchema.safeParse(text);
  if (parsed.success) return text;
  throw new InvalidArgumentError(`Expected ${expectationOf(parsed.error.issues[0]!)}.`);
}

/** Of NumPy's generator. */
export const seed = wholeNumber(0, 0xffffffff);

/** `0-9,20,30-39` → numbers, in the order given. */
export function numberRanges(text: string): number[] {
  const most = 100_000; // numbers that anybody wants to look at
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [, from, to = from] = /^\s*(\d{1,12})(?:-(\d{1,12}))?\s*$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from))
      throw new InvalidArgumentError('Expected numbers and ranges, such as 0-99,200.');
    if (numbers.length + Number(to) - Number(from) >= most)
      throw new InvalidArgumentError(`Expected at most ${most} numbers.`);
    for (let number = Number(from); number <= Number(to); number++) numbers.push(number);
  }
  return numbers;
}
