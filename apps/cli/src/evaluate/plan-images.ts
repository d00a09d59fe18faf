import { parseMetric } from '@pggan/metrics';
import type { EvaluateOptions } from './options.js';
import { plainRow, type EvaluationPlan } from './plan.js';
import { alike, openImages } from './sets.js';

/** A dataset or a folder of pictures, against another one where `--data` names it. */
export async function planImages(path: string, options: EvaluateOptions): Promise<EvaluationPlan> {
  const { set: alone } = await openImages(path);
  const other = options.data === undefined ? null : (await openImages(options.data)).set;
  const [set, reals] = other === null ? [alone, null] : alike(alone, other, options.mirror ?? false);
  const rows = [plainRow(set.kind === 'dataset' ? 'dataset' : 'folder', set)];
  return {
    metrics: [parseMetric('swd')],
    shape: set.shape,
    available: set.count,
    reals,
    rows: reals === null ? rows : [plainRow('reals', reals), ...rows],
    out: null,
  };
}
