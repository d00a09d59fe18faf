/** Numbers with what they are of: how they were made, so that nobody compares what does not compare. */
import { z } from 'zod';
import { MetricsError } from '../errors.js';
import { metricKinds } from './metric-name.js';

/** Raised when the same inputs would give other numbers than before. */
export const protocolVersion = 1;

const setting = z.union([z.string(), z.number(), z.boolean()]);

export const provenanceSchema = z.strictObject({
  protocol: z.int(),
  kind: z.enum(metricKinds),
  /** Images of each set; of `modes`, of one repeat. */
  images: z.int(),
  /** channels x width x height. */
  shape: z.string(),
  /** Such as patches, directions, splits, arithmetic. */
  settings: z.record(z.string(), setting),
  /** Whole measurements that the values are the means of. */
  repeats: z.int(),
  seed: z.int(),
  minibatch: z.int(),
  /** What was compared with; null: the images were compared with each other only. */
  reals: z
    .strictObject({
      kind: z.enum(['dataset', 'folder', 'generator']),
      name: z.string(),
      /** Of the images, or of the files that they are in. */
      identity: z.string(),
      count: z.int().nullable(),
      /** Which part of a larger set, such as `test`; null: a whole, or unknown. */
      split: z.string().nullable().default(null),
    })
    .nullable(),
  /** The network whose features or classes were used. */
  extractor: z
    .strictObject({ name: z.string(), hash: z.string(), resizer: z.string(), runtime: z.string() })
    .nullable(),
  /** Programs and versions. */
  code: z.string(),
});
export type Provenance = z.output<typeof provenanceSchema>;

export const subjectSchema = z.strictObject({
  /** `reals`: the first real images themselves; `reals2`: the next ones. */
  kind: z.enum(['reals', 'reals2', 'snapshot', 'generator', 'folder', 'dataset']),
  name: z.string(),
  identity: z.string(),
  /** Thousands of images that a generator was shown; null: unknown or none. */
  kimg: z.number().nullable(),
});
export type Subject = z.output<typeof subjectSchema>;

/** JSON has no NaN and no infinity. */
const number = z.number().nullable();

export const recordSchema = z.strictObject({
  version: z.literal(1),
  metric: z.string(),
  subject: subjectSchema,
  values: z.array(z.strictObject({ name: z.string(), value: number, spread: number })).min(1),
  spreadOf: z.string(),
  seconds: z.number(),
  provenance: provenanceSchema,
});
/** One line of metrics.jsonl. */
export type MetricRecord = z.output<typeof recordSchema>;

export interface Difference {
  readonly what: string;
  readonly one: unknown;
  readonly other: unknown;
}

/** Names and paths of equal things may differ, and a seed or a version is no reason why numbers should. */
const harmless = /^(seed|minibatch|repeats|code|reals\.(name|kind|count|split)|extractor\.(name|runtime))$/;

function flat(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, path === '' ? key : `${path}.${key}`));
}

/** What differs, in two lists: what makes the numbers unlike, and what only explains why equal things came out apart. */
export function provenanceDifferences(one: Provenance, other: Provenance) {
  const [a, b] = [new Map(flat(one)), new Map(flat(other))];
  const all = [...new Set([...a.keys(), ...b.keys()])].flatMap((what): Difference[] => {
    const [left, right] = [a.get(what), b.get(what)];
    return left === right ? [] : [{ what, one: left, other: right }];
  });
  return {
    unlike: all.filter(({ what }) => !harmless.test(what)),
    told: all.filter(({ what }) => harmless.test(what)),
  };
}

/**
 * @returns differences that do not matter for the comparison but are worth telling
 * @throws MetricsError `not-comparable` naming everything that makes the numbers unlike
 */
export function requireComparable(one: MetricRecord, other: MetricRecord): readonly Difference[] {
  const { unlike, told } = provenanceDifferences(one.provenance, other.provenance);
  if (unlike.length === 0) return told;
  const text = unlike.map(
    ({ what, one: a, other: b }) =>
      `${what} ${shown(a)}${named(one, what)} and ${shown(b)}${named(other, what)}`,
  );
  throw new MetricsError(
    'not-comparable',
    `${one.metric} of ${one.subject.name} and ${other.metric} of ${other.subject.name} are unlike numbers: ${text.join('; ')}`,
  );
}

const shown = (value: unknown) => (value === undefined ? 'none' : String(value));

/** What people call the thing that a hash stands for. */
function named({ provenance: { reals, extractor } }: MetricRecord, what: string): string {
  const name = { 'reals.identity': reals?.name, 'extractor.hash': extractor?.name }[what];
  return name === undefined ? '' : ` (${name})`;
}
