import { dirname } from 'node:path';
import { parseMetric, type ImageSet, type MetricRequest } from '@pggan/metrics';
import { disposeWeights, imageShape, loadGenerator } from '@pggan/model';
import { openEngine } from '../engine.js';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { shorten } from '../paths.js';
import { readRunConfig, type RunConfig } from '../run/config.js';
import { generatorSet } from './generator-set.js';
import type { EvaluateOptions } from './options.js';
import { plainRow, type EvaluationPlan, type PlannedRow } from './plan.js';
import { alike, openImages } from './sets.js';

/** Those of Table 1, as far as images of this size have them. */
export function officialMetrics({ width, height }: ImageSet['shape']): MetricRequest[] {
  const names = width % 16 === 0 && height % 16 === 0 ? ['swd16k', 'msssim20k'] : ['swd16k'];
  return names.map(parseMetric);
}

/** A checkpoint or a generator's file. */
export async function planModel(path: string, options: EvaluateOptions, io: Io): Promise<EvaluationPlan> {
  const config = await runOf(path);
  const data = options.data ?? config?.dataset.path;
  if (options.snapshots !== undefined)
    throw new CliError('usage', '--snapshots: counts those of a run; drop it, or name the run');
  await openEngine(options, io);
  const generator = await loadGenerator(path);
  const { width, height } = imageShape(generator.config);
  const found = data === undefined ? null : await openImages(data, Math.max(width, height));
  const mirrored = options.mirror ?? config?.training.mirrorAugment ?? false;
  const fakes = generatorSet(shorten(path), generator, found?.labels ?? null);
  const [set, reals] = found === null ? [fakes, null] : alike(fakes, found.set, mirrored);
  const row: PlannedRow = {
    kind: 'generator',
    open: async () => ({
      subject: { kind: 'generator', name: set.name, identity: await set.identity(), kimg: generator.kimg },
      set,
      close: () => disposeWeights(generator.weights),
    }),
  };
  return {
    metrics: officialMetrics(set.shape),
    shape: set.shape,
    set: null,
    reals,
    rows: reals === null ? [row] : [plainRow('reals', reals), plainRow('reals2', reals), row],
    out: null,
  };
}

/** The configuration of the run that a model's file lies in; null when it lies elsewhere. */
async function runOf(file: string): Promise<RunConfig | null> {
  try {
    return await readRunConfig(dirname(file));
  } catch (error) {
    if (error instanceof CliError && error.code === 'run-missing') return null;
    throw error;
  }
}
