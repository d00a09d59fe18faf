import { join } from 'node:path';
import { cacheFolder } from '@pggan/files';
import { Evaluator, type EvaluatorOptions } from '@pggan/metrics';
import type { Io } from '../io.js';
import { version } from '../version.js';
import { warnOfMemory } from './memory.js';

export interface OpenEvaluatorOptions extends Omit<EvaluatorOptions, 'cache' | 'code'> {
  /** Folder for what is known of the reals; false: none; default: this user's. */
  readonly cache?: string | false | undefined;
}

/**
 * An evaluator under this program's name, with a warning of what it may take.
 * @throws MetricsError
 */
export async function openEvaluator(options: OpenEvaluatorOptions, io: Io): Promise<Evaluator> {
  const { cache = join(cacheFolder(io.env), 'metrics') } = options;
  const evaluator = await Evaluator.open({
    ...options,
    cache: cache === false ? undefined : cache,
    code: `pggan ${version}`,
  });
  warnOfMemory(evaluator, io);
  return evaluator;
}
