import { parseMetric } from '@pggan/metrics';
import { CliError } from '../errors.js';
import type { EvaluateOptions } from './options.js';
import { plainRow, type EvaluationPlan } from './plan.js';
import { alike, openImages } from './sets.js';

/** A dataset or a folder of pictures, against another one where `--data` names it. */
export async function planImages(path: string, options: EvaluateOptions): Promise<EvaluationPlan> {
  if (options.snapshots !== undefined)
    throw new CliError('usage', '--snapshots: counts those of a run; drop it, or name the run');
  if (options.mirror !== undefined && options.data === undefined)
    throw new CliError('usage', '--mirror: is for the real images; drop it, or name them with --data');
  const { set: alone } = await openImages(path);
  const other = options.data === undefined ? null : (await openImages(options.data)).set;
  const [set, reals] = other === null ? [alone, null] : alike(alone, other, options.mirror ?? false);
  const rows = [plainRow(set.kind === 'dataset' ? 'dataset' : 'folder', set)];
  return {
    metrics: [parseMetric('swd')],
    shape: set.shape,
    set,
    reals,
    rows: reals === null ? rows : [plainRow('reals', reals), plainRow('reals2', reals), ...rows],
    out: null,
  };
}
