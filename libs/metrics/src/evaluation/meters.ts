/** Which meter measures what. */
import { MetricsError } from '../errors.js';
import type { Extractor } from '../extractor/extractor.js';
import type { ImageShape } from '../images/batch.js';
import { checkShape } from '../ssim/ms-ssim.js';
import { levelSizes } from '../swd/level-sizes.js';
import { FeatureMeter, featureKinds } from './feature-meter.js';
import type { Meter } from './measure.js';
import { metricName, type Metric, type MetricKind } from './metric-name.js';
import { ModesMeter } from './modes-meter.js';
import { MsSsimMeter } from './ms-ssim-meter.js';
import { SwdMeter } from './swd-meter.js';

/** The networks that metrics go by. */
export interface Networks {
  /** For FID, KID, IS, precision and recall. */
  readonly extractor?: Extractor | undefined;
  /** Of gray images into classes, for the modes. */
  readonly classifier?: Extractor | undefined;
}

export function needsReals({ kind }: Metric): boolean {
  return !['msssim', 'is', 'modes'].includes(kind);
}

/** @throws MetricsError `images-invalid` when a metric cannot be of such images, before any is made */
export function checkShapeFor(kind: MetricKind, shape: ImageShape): void {
  if (kind === 'swd') levelSizes(shape);
  if (kind === 'msssim') checkShape(shape);
}

/** The network whose word a metric goes by, if any. */
export function networkOf({ kind }: Metric, { extractor, classifier }: Networks): Extractor | undefined {
  if (kind === 'modes') return classifier;
  return featureKinds.includes(kind) ? extractor : undefined;
}

/** @throws MetricsError `extractor-missing` when a metric needs a network and there is none */
export function metersOf(metrics: readonly Metric[], options: Networks): Meter[] {
  const network = (metric: Metric): Extractor => {
    const found = networkOf(metric, options);
    if (found) return found;
    const what =
      metric.kind === 'modes'
        ? 'a classifier of gray images (--classifier); pggan classifier trains one of digits'
        : 'a feature extractor (--extractor); "Bringing Inception" in the README of @pggan/metrics says how to come by one';
    throw new MetricsError('extractor-missing', `${metricName(metric)} needs ${what}`);
  };
  const meters = metrics.flatMap((metric): Meter[] => {
    if (metric.kind === 'swd') return [new SwdMeter(metric)];
    if (metric.kind === 'msssim') return [new MsSsimMeter(metric)];
    return metric.kind === 'modes' ? [new ModesMeter(metric, network(metric))] : [];
  });
  const byFeatures = metrics.filter(({ kind }) => featureKinds.includes(kind));
  for (const count of new Set(byFeatures.map(({ images }) => images))) {
    const alike = byFeatures.filter(({ images }) => images === count);
    meters.push(new FeatureMeter(alike, network(alike[0]!)));
  }
  return meters;
}
