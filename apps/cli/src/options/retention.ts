import type { RetentionPolicy } from '@pggan/model';
import { z } from 'zod';
import { numberOption } from './values.js';

/** `all`, or how many of the newest. */
export function keepSnapshotsOption() {
  return z.union([z.literal('all'), numberOption({ integer: true, from: 1 })], {
    error: ({ input }) => `expected all or a whole number of at least 1, got "${input}"`,
  });
}

/** `none`, or the name of a number: `FID50k`, `Loss/mixed_norms:higher`. */
export function keepBestOption() {
  return z.string().transform((text, context): RetentionPolicy['best'] => {
    if (text === 'none') return null;
    const [, metric, prefer = 'lower'] = /^([^:]+)(?::(lower|higher))?$/.exec(text) ?? [];
    if (metric !== undefined) return { metric, prefer: prefer as 'lower' | 'higher' };
    context.addIssue({
      code: 'custom',
      message: `expected none, or a name with :lower or :higher behind it, got "${text}"`,
    });
    return z.NEVER;
  });
}
