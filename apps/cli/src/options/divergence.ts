import { z } from 'zod';
import { numberOption } from './values.js';

/** What `--divergence` sets of the training options. */
export interface DivergenceChanges {
  readonly nonFinite?: false | { readonly passes: number };
  readonly scoreDrift?: false | { readonly limit: number };
  readonly gradientJump?: false | { readonly factor: number };
  readonly rollbacks?: number;
  readonly rateFactor?: number;
}

const positive = numberOption({ above: 0 });
const rule = <T>(limit: z.ZodType<T, string>) =>
  z.union([z.literal('off').transform(() => false as const), limit]);

/** Keys of the option; `off` turns a rule off. */
const keys = {
  'non-finite': rule(numberOption({ integer: true, from: 1 }).transform((passes) => ({ passes }))),
  'score-drift': rule(positive.transform((limit) => ({ limit }))),
  'gradient-jump': rule(numberOption({ above: 1 }).transform((factor) => ({ factor }))),
  rollbacks: numberOption({ integer: true, from: 0 }),
  'rate-factor': numberOption({ above: 0, to: 1 }),
} as const;

const off: DivergenceChanges = { nonFinite: false, scoreDrift: false, gradientJump: false };

/** `off`, or `score-drift=20000,gradient-jump=off,rollbacks=5`. */
export function divergenceOption() {
  return z.string().transform((text, context): DivergenceChanges => {
    if (text === 'off') return off;
    const changes: Record<string, unknown> = {};
    for (const part of text.split(',')) {
      const [key = '', value = ''] = part.split('=', 2).map((side) => side.trim());
      const result = Object.hasOwn(keys, key) ? keys[key as keyof typeof keys].safeParse(value) : undefined;
      if (result?.success) {
        changes[key.replace(/-[a-z]/g, ([, letter]) => letter!.toUpperCase())] = result.data;
        continue;
      }
      const expected =
        result === undefined
          ? `expected off, or KEY=VALUE pairs with keys ${Object.keys(keys).join(', ')}, got "${part}"`
          : `${key}: ${result.error.issues[0]!.message}`;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    }
    return changes;
  });
}
