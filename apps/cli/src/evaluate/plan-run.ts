import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { disposeWeights, imageShape, loadGenerator } from '@pggan/model';
import { openEngine } from '../engine.js';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { readRunConfig } from '../run/config.js';
import { sortSnapshots } from '../run/names.js';
import { generatorSet } from './generator-set.js';
import type { EvaluateOptions } from './options.js';
import { plainRow, type EvaluationPlan, type PlannedRow } from './plan.js';
import { officialMetrics } from './plan-model.js';
import { alike, openImages } from './sets.js';

/** All snapshots of a run, newest first, without its final one, which is the last of them (facts 8.1). */
export async function planRun(folder: string, options: EvaluateOptions, io: Io): Promise<EvaluationPlan> {
  const { training, dataset } = await readRunConfig(folder);
  const names = sortSnapshots(await readdir(folder))
    .reverse()
    .slice(0, options.snapshots);
  if (names.length === 0) throw new CliError('checkpoint-missing', `${folder} holds no snapshot yet`);
  const { network } = training;
  const { width, height } = imageShape(network);
  const mirrored = options.mirror ?? training.mirrorAugment;
  const { set: found, labels } = await openImages(options.data ?? dataset.path, Math.max(width, height));
  const untrained = generatorSet('', { weights: {}, config: network, lod: 0 }, labels);
  const [{ shape }, reals] = alike(untrained, found, mirrored);
  await openEngine(options, io);
  const snapshot = (name: string): PlannedRow => ({
    kind: 'snapshot',
    async open() {
      const generator = await loadGenerator(join(folder, name));
      const [set] = alike(generatorSet(name, generator, labels), found, mirrored);
      return {
        subject: { kind: 'snapshot', name, identity: await set.identity(), kimg: generator.kimg },
        set,
        close: () => disposeWeights(generator.weights),
      };
    },
  });
  return {
    metrics: officialMetrics(shape),
    shape,
    set: null,
    reals,
    rows: [plainRow('reals', reals), plainRow('reals2', reals), ...names.map(snapshot)],
    out: folder,
  };
}
