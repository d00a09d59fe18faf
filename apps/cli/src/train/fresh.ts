import type { EngineInfo } from '@pggan/engine';
import { imageShape, listPhases, type SchedulePhase, type TrainingOptions } from '@pggan/model';
import type { TFRecordDataset } from '@pggan/dataset';
import { formatDuration } from '@pggan/terminal';
import type { Io } from '../io.js';
import type { TrainCommandOptions } from '../options/train.js';
import { configVersion, type RunConfig } from '../run/config.js';
import { version } from '../version.js';
import { fitFactor, measureSpeed, predict, type Prediction } from './budget.js';
import { typicalSpeed, type Speed } from './cost.js';
import { scaleLengths } from './lengths.js';
import { resolveTraining } from './resolve.js';

export interface FreshRun {
  readonly config: RunConfig;
  readonly speed: Speed;
}

/**
 * Everything a new run is made of, decided before its first step and kept in its config.json. The
 * lengths of a preset that is meant to take some minutes are cut to this machine's speed.
 */
export async function planFreshRun(
  options: TrainCommandOptions,
  engine: EngineInfo,
  dataset: TFRecordDataset,
  described: RunConfig['dataset'],
  io: Io,
): Promise<FreshRun> {
  const { preset, presetName, training, fixedLengths } = resolveTraining(options, engine.backend, described);
  let speed = typicalSpeed[engine.backend];
  let lengths: RunConfig['lengths'] = { factor: 1, reason: fixedLengths ? 'given' : 'preset' };
  const minutes = options.minutes ?? (fixedLengths ? undefined : preset.minutes);
  if (minutes !== undefined) {
    const reader = dataset.reader({ seed: training.seed });
    try {
      speed = await measureSpeed(training, reader, engine.backend);
    } finally {
      await reader.close();
    }
    const predicted = predict(training, speed);
    const factor = fitFactor(predicted, minutes, options.minutes !== undefined);
    if (factor !== 1) {
      lengths = { factor, reason: `${inAll(predicted)} expected here, ${minutes}m wanted` };
    }
  }
  const scaled = scaleLengths(training, lengths.factor);
  const phases = listPhases(scaled.schedule, scaled.network, scaled.totalKimg);
  io.stderr.write(
    `training to ${describeReach(scaled, phases)}: ${scaled.totalKimg} kimg in ` +
      `${phases.length} ${phases.length === 1 ? 'phase' : 'phases'}, about ${inAll(predict(scaled, speed))}` +
      (lengths.factor === 1 ? '\n' : ` (lengths x${lengths.factor}: ${lengths.reason})\n`),
  );
  const config: RunConfig = {
    schemaVersion: configVersion,
    pggan: version,
    created: new Date().toISOString(),
    preset: presetName,
    lengths,
    dataset: described,
    engine: describeEngine(engine),
    training: scaled,
  };
  return { config, speed };
}

/** `32x32`, or how far a run gets that ends before its networks have fully grown. */
function describeReach({ network }: TrainingOptions, phases: readonly SchedulePhase[]): string {
  const size = (resolution: number) => {
    const { width, height } = imageShape({ ...network, resolution });
    return `${width}x${height}`;
  };
  const { resolution, lod } = phases.at(-1)!;
  if (lod[1] === 0) return size(network.resolution);
  return `${size(resolution)} (too short to reach ${size(network.resolution)}; give it more --kimg)`;
}

function inAll({ fixed, variable }: Prediction): string {
  return formatDuration(fixed + variable);
}

export function describeEngine({
  backend,
  tensorflowVersion,
  gpu,
  threads,
}: EngineInfo): RunConfig['engine'] {
  return { backend, ...(tensorflowVersion ? { tensorflowVersion } : {}), gpu, threads };
}
