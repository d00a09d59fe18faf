import { z } from 'zod';

/** Most pictures one call makes; a slip such as 1-1000000 should not fill the disk. */
const mostSeeds = 10_000;

/** `1-16`, `7`, `1,5,20-25`: whole numbers from 0, in the order given, each once. */
export function seedsOption() {
  return z.string().transform((text, context) => {
    const seeds = parseSeeds(text);
    if (seeds !== undefined && seeds.length > 0 && seeds.length <= mostSeeds) return seeds;
    context.addIssue({
      code: 'custom',
      message: `expected up to ${mostSeeds} seeds such as 1-16 or 1,5,20-25, got "${text}"`,
    });
    return z.NEVER;
  });
}

function parseSeeds(text: string): number[] | undefined {
  const seeds = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim());
    if (!match) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (to < from || to > 2 ** 32 - 1 || to - from >= mostSeeds) return undefined;
    for (let seed = from; seed <= to; seed++) seeds.add(seed);
  }
  return [...seeds];
}
