/** A whole run in a second or two, with very narrow networks. */
import type { tf } from '@pggan/engine';
import {
  parseTrainingOptions,
  type TrainingOptions,
  type TrainingOptionsInput,
  type TrainingState,
} from '../src/index.js';

/**
 * Phases of 32 images each: 4 px, fade, 8 px, fade, 16 px; 4 images a step. Plain JavaScript takes
 * seconds for a step at 16 px, hence fewer maps and 8 px where asked.
 */
export function smallOptions(
  changes: Partial<TrainingOptionsInput> & { resolution?: number; maps?: number } = {},
): TrainingOptions {
  const { resolution = 16, maps = 8, ...rest } = changes;
  return parseTrainingOptions({
    seed: 3,
    network: { resolution, fmapBase: 64, fmapMax: maps, latentSize: 6 },
    schedule: {
      minibatchBase: 4,
      lodTrainingKimg: 0.032,
      lodTransitionKimg: 0.032,
      tickKimgBase: 0.04,
      tickKimgDict: {},
    },
    minibatchRepeats: 2,
    totalKimg: 0.16,
    mirrorAugment: true,
    snapshotGrid: { columns: 3, rows: 2 },
    ...rest,
  });
}

/** Every tensor of a state by a name of its own. */
export function stateTensors(state: TrainingState): Map<string, tf.Tensor> {
  const { G, D, Gs, adamG, adamD, fakeScore, statisticsG, statisticsD } = state;
  const groups: Record<string, Record<string, tf.Tensor>> = {
    G,
    D,
    Gs,
    'adam_g/m': adamG.m,
    'adam_g/v': adamG.v,
    'adam_d/m': adamD.m,
    'adam_d/v': adamD.v,
    t: { G: adamG.t, D: adamD.t },
    loss: { fakeScore },
    statisticsG,
    statisticsD,
  };
  return new Map(
    Object.entries(groups).flatMap(([prefix, tensors]) =>
      Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor] as const),
    ),
  );
}

/** Exact contents: bytes of every tensor, random streams and counters without clock times. */
export function stateContents(state: TrainingState): Record<string, unknown> {
  const { nimg, lod, tick, tickStart } = state.progress;
  const { latents, mix, mirror, labels, noise } = state.random;
  return {
    ...Object.fromEntries(
      [...stateTensors(state)].map(([name, tensor]) => [
        name,
        Buffer.from(new Float32Array(tensor.dataSync()).buffer).toString('base64'),
      ]),
    ),
    progress: { nimg, lod, tick, tickStart },
    random: [latents, mix, mirror, labels, noise].map((stream) => stream.state()),
    health: state.health,
    reader: state.reader,
  };
}
