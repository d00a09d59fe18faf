/** Which part of its set a dataset is, by what its index says of where the pictures came from. */
import { z } from 'zod';

const sourceSchema = z.union([
  z.object({
    kind: z.literal('split'),
    part: z.string(),
    from: z.object({ source: z.unknown() }),
  }),
  z.object({ split: z.string() }),
]);

/** `test` of a set that comes in parts, `held-out` of `prep split`, `held-out of train` of both; null: a whole, or unknown. */
export function splitName(source: unknown): string | null {
  const { data } = sourceSchema.safeParse(source);
  if (data === undefined) return null;
  if ('split' in data) return data.split;
  const before = splitName(data.from.source);
  return before === null ? data.part : `${data.part} of ${before}`;
}
