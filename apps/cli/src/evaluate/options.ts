import { metricKinds } from '@pggan/metrics';
import { z } from 'zod';
import { metricsOption } from '../options/metrics.js';
import { engineOptionShape } from '../options/engine.js';
import { numberOption, textOption } from '../options/values.js';

export const evaluateSchema = z.strictObject({
  ...engineOptionShape,
  runs: textOption.default('runs'),
  metrics: metricsOption().optional(),
  data: textOption.optional(),
  mirror: z.boolean().optional(),
  extractor: textOption.optional(),
  classifier: textOption.optional(),
  seed: numberOption({ integer: true, from: 0, to: 2 ** 32 - 1 }).optional(),
  repeats: numberOption({ integer: true, from: 1, to: 1000 }).optional(),
  snapshots: numberOption({ integer: true, from: 1 }).optional(),
  out: textOption.optional(),
  cache: z.union([textOption, z.literal(false)]).optional(),
  workers: numberOption({ integer: true, from: 0, to: 256 }).optional(),
  json: z.boolean().default(false),
});
export type EvaluateOptions = z.output<typeof evaluateSchema>;

export const metricsHelp = `names of ${metricKinds.join(', ')} with a number of images, comma-separated`;
