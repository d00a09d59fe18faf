import { z } from 'zod';

export interface NumberRange {
  readonly integer?: boolean;
  /** Exclusive lower bound. */
  readonly above?: number;
  /** Inclusive lower bound. */
  readonly from?: number;
  /** Inclusive upper bound. */
  readonly to?: number;
}

/** A number written on the command line; the message says what was expected and what came. */
export function numberOption(range: NumberRange = {}) {
  return z.string().transform((text, context) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (Number.isFinite(value) && inRange(value, range)) return value;
    context.addIssue({ code: 'custom', message: `expected ${describeRange(range)}, got "${text}"` });
    return z.NEVER;
  });
}

/** Image sides the networks can have: powers of two from 4 to 1024. */
export function resolutionOption() {
  return z.string().transform((text, context) => {
    const value = Number(/^(\d+)(?:x\1)?$/.exec(text.trim())?.[1]);
    if (value >= 4 && value <= 1024 && Number.isInteger(Math.log2(value))) return value;
    context.addIssue({ code: 'custom', message: `expected a power of two from 4 to 1024, got "${text}"` });
    return z.NEVER;
  });
}

/** `16` for every resolution, or `4:128,8:64,16:32` by resolution. */
export function minibatchOption() {
  return z.string().transform((text, context): number | Record<string, number> => {
    if (/^[1-9]\d*$/.test(text)) return Number(text);
    const pairs = text.split(',').map((pair) => /^(\d+):([1-9]\d*)$/.exec(pair.trim()));
    if (pairs.every((pair) => pair !== null)) {
      return Object.fromEntries(pairs.map((pair) => [pair[1]!, Number(pair[2])]));
    }
    context.addIssue({
      code: 'custom',
      message: `expected a number of images, or RESOLUTION:IMAGES pairs such as 4:64,8:32, got "${text}"`,
    });
    return z.NEVER;
  });
}

/** `auto`, or the most images to compute at a time. */
export function microBatchOption() {
  return z.union([z.literal('auto'), numberOption({ integer: true, from: 1 })], {
    error: ({ input }) => `expected auto or a whole number of at least 1, got "${input}"`,
  });
}

const powers = { K: 1, M: 2, G: 3, T: 4 } as const;

/** Bytes: `6GiB`, `6G` or `512MiB` by 1024, `6GB` by 1000. */
export function bytesOption() {
  return z.string().transform((text, context) => {
    const [, number, unit = '', suffix = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT])(iB|B)?$/i.exec(text.trim()) ?? [];
    const power = powers[unit.toUpperCase() as keyof typeof powers];
    const bytes = Number(number) * (suffix.toUpperCase() === 'B' ? 1000 : 1024) ** power;
    if (bytes > 0) return bytes;
    context.addIssue({ code: 'custom', message: `expected a size such as 6GiB or 800MiB, got "${text}"` });
    return z.NEVER;
  });
}

/** `all`, or how many of the first components of a label count. */
export function labelsOption() {
  return z.string().transform((text, context): 'all' | number => {
    if (text === 'all') return text;
    if (/^[1-9]\d*$/.test(text)) return Number(text);
    context.addIssue({ code: 'custom', message: `expected all or a number of components, got "${text}"` });
    return z.NEVER;
  });
}

/** A path or name; an empty one is a slip. */
export const textOption = z.string().min(1, 'expected a path, got nothing');

/** One of a few names; the message lists them. */
export function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, { error: ({ input }) => `expected one of ${names.join(', ')}, got "${input}"` });
}

function inRange(value: number, { integer, above, from, to }: NumberRange): boolean {
  return (
    (!integer || Number.isInteger(value)) &&
    (above === undefined || value > above) &&
    (from === undefined || value >= from) &&
    (to === undefined || value <= to)
  );
}

function describeRange({ integer, above, from, to }: NumberRange): string {
  const noun = integer ? 'a whole number' : 'a number';
  if (above !== undefined) return `${noun} above ${above}`;
  if (from !== undefined && to !== undefined) return `${noun} from ${from} to ${to}`;
  return from !== undefined ? `${noun} of at least ${from}` : noun;
}
