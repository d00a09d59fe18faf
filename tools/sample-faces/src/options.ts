/** The command line, checked once here. */
import { parseArgs } from 'node:util';
import { SampleError } from './errors.js';

export interface CliOptions {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly help: boolean;
}

export const HELP = `Renders the embedded sample: portraits in the wild with exact landmarks, in CelebA's layout.

Usage: nx run sample-faces:generate -- [options]

  --out DIR    folder to make             (default data/sample-faces)
  --count N    pictures, 1 to 999999      (default 2500)
  --seed N     same seed, same pictures   (default 1)
  --help       this text

An earlier set in DIR is replaced; a folder that holds anything else is left alone.
`;

const NAMES = ['out', 'count', 'seed', 'help'] as const;

/** @throws SampleError 'usage' */
export function parseOptions(args: readonly string[]): CliOptions {
  // Not strict: the refusals below say what would have been right.
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      out: { type: 'string' },
      count: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  for (const token of tokens) {
    if (token.kind !== 'option' || NAMES.includes(token.name as (typeof NAMES)[number])) continue;
    throw new SampleError('usage', `unknown option ${token.rawName}; did you mean --${nearest(token.name)}?`);
  }
  if (positionals.length > 0) throw new SampleError('usage', `unexpected argument '${positionals[0]}'`);
  return {
    out: text(values.out, 'out', 'data/sample-faces'),
    count: whole(values.count, 'count', 2500, 1, 999_999),
    seed: whole(values.seed, 'seed', 1, 0, 2 ** 32 - 1),
    help: values.help === true,
  };
}

function text(value: unknown, name: string, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value === 'string' && value !== '') return value;
  throw new SampleError('usage', `--${name}: expected a folder, got nothing`);
}

function whole(value: unknown, name: string, fallback: number, low: number, high: number): number {
  if (value === undefined) return fallback;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= low && number <= high) return number;
  throw new SampleError(
    'usage',
    `--${name}: expected a whole number from ${low} to ${high}, got ${value === true ? 'nothing' : `'${value}'`}`,
  );
}

function nearest(name: string): string {
  return [...NAMES].sort((a, b) => distance(a, name) - distance(b, name))[0] as string;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
