/** Names of metrics that carry how many images they are of: swd16k, msssim20k, fid50k, fid512. */
import { MetricsError } from '../errors.js';

export const metricKinds = ['swd', 'msssim', 'fid', 'kid', 'is', 'pr', 'modes'] as const;
export type MetricKind = (typeof metricKinds)[number];

export interface MetricRequest {
  readonly kind: MetricKind;
  /** Images of each set; null: as many as both sets have. Of `modes`: images of one repeat. */
  readonly images: number | null;
}

export interface Metric extends MetricRequest {
  readonly images: number;
}

/** Sizes of the official evaluations (facts 8.1), of precision and recall and of the modes (facts 6). */
export const officialImages: Readonly<Record<MetricKind, number>> = {
  swd: 16384,
  msssim: 20000,
  fid: 50000,
  kid: 50000,
  is: 50000,
  pr: 10000,
  modes: 25600,
};

/** What k stands for: the official swd-16k is of 16384 images, fid-50k of 50000. */
const thousand = (kind: MetricKind) => (kind === 'swd' ? 1024 : 1000);

/** Least images that a value can be computed of. */
export const leastImages: Readonly<Record<MetricKind, number>> = {
  swd: 1,
  msssim: 2,
  fid: 2,
  kid: 2,
  is: 10,
  pr: 4,
  modes: 1,
};

/** Parts of so many images that a value is the mean of (facts 6). */
export const partsOf = (kind: MetricKind) => (kind === 'modes' ? 10 : 1);

/**
 * Reads `swd16k`, `fid10000` or, of as many images as there are, `swd`.
 * @throws MetricsError `option-invalid` naming what there is
 */
export function parseMetric(name: string): MetricRequest {
  const [, word = '', number, k] = /^([a-z]+)(?:([0-9]+(?:\.[0-9]+)?)(k)?)?$/.exec(name) ?? [];
  const kind = metricKinds.find((each) => each === word);
  if (kind === undefined)
    throw new MetricsError(
      'option-invalid',
      `metrics: expected ${metricKinds.join(', ')} with a number of images, as in swd16k, got "${name}"`,
    );
  if (number === undefined) return { kind, images: null };
  const images = Number(number) * (k === undefined ? 1 : thousand(kind));
  if (!Number.isInteger(images) || images < leastImages[kind])
    throw new MetricsError(
      'option-invalid',
      `metrics: ${kind} needs a whole number of images, ${leastImages[kind]} or more, got "${name}"`,
    );
  if (kind === 'msssim' && images % 2 !== 0)
    throw new MetricsError('option-invalid', `metrics: msssim needs pairs of images, got "${name}"`);
  return { kind, images };
}

/** The shortest name that {@link parseMetric} reads as this metric. */
export function metricName({ kind, images }: MetricRequest): string {
  if (images === null) return kind;
  const k = images / thousand(kind);
  return Number.isInteger(k) && k > 0 ? `${kind}${k}k` : `${kind}${images}`;
}

/** `available`: images of the smaller set, null when both have as many as anybody wants. */
export function resolveMetric({ kind, images }: MetricRequest, available: number | null): Metric {
  if (images !== null) return { kind, images };
  const all = available === null ? officialImages[kind] : Math.floor(available / partsOf(kind));
  const resolved = kind === 'msssim' ? all - (all % 2) : all;
  if (resolved < leastImages[kind])
    throw new MetricsError('too-few', `${kind}: expected at least ${leastImages[kind]} images, got ${all}`);
  return { kind, images: resolved };
}
