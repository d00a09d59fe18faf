import { basename } from 'node:path';
import {
  compareTrainingOptions,
  loadCheckpoint,
  ModelError,
  readCheckpointHead,
  type CheckpointHead,
  type SettingDifference,
  type TrainingOptions,
  type TrainingState,
} from '@pggan/model';
import { CliError } from '../errors.js';
import type { TrainCommandOptions } from '../options/train.js';
import { readRunConfig, type RunConfig } from '../run/config.js';
import { findCheckpoint, type FoundCheckpoint } from '../run/find.js';
import { requireResumable } from './changes.js';
import { changeTraining, resolveTraining } from './resolve.js';

export interface ResumedRun {
  readonly found: FoundCheckpoint;
  readonly config: RunConfig;
  readonly head: CheckpointHead;
}

/**
 * Finds the run that `--resume` means.
 * @throws CliError `run-missing`, `checkpoint-missing`, `config-invalid`; ModelError for a damaged checkpoint, naming
 *   the one before it
 */
export async function findResumedRun(options: TrainCommandOptions): Promise<ResumedRun> {
  const found = await findCheckpoint(options.resume ?? true, options.runs);
  const config = await readRunConfig(found.folder);
  return { found, config, head: await orPointBack(found, () => readCheckpointHead(found.path)) };
}

/**
 * The settings to go on with, and how they differ from those that the checkpoint was trained with: the command line's
 * over those of the run, or, where a preset is named, over that. From an older checkpoint on, they are its own.
 * @param dataset what to go on with, as described
 * @throws CliError `settings-refused`, `run-finished`; ModelError `options-invalid`
 */
export function resumeTraining(
  { found, config, head }: ResumedRun,
  options: TrainCommandOptions,
  dataset: RunConfig['dataset'],
): { training: TrainingOptions; changes: SettingDifference[] } {
  const former = found.newest ? config.training : head.options;
  const training =
    options.preset === undefined
      ? changeTraining(former, options, dataset)
      : resolveTraining(options, config.engine.backend, dataset).training;
  const changes = compareTrainingOptions(head.options, training);
  requireResumable(changes, basename(found.folder));
  const reached = head.progress.nimg / 1000;
  if (reached >= training.totalKimg) {
    throw new CliError(
      'run-finished',
      `${basename(found.folder)} has already reached ${reached} of ${training.totalKimg} kimg; ` +
        `train on with a higher --kimg, such as --kimg ${Math.ceil(reached * 2)}`,
    );
  }
  return { training, changes };
}

/** The state in the checkpoint, to be trained with other options. Errors as {@link findResumedRun}. */
export async function loadResumedState(
  { found }: ResumedRun,
  training: TrainingOptions,
): Promise<TrainingState> {
  return { ...(await orPointBack(found, () => loadCheckpoint(found.path))), options: training };
}

async function orPointBack<T>({ previous }: FoundCheckpoint, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'checkpoint-corrupt' || !previous) throw error;
    throw new ModelError(
      error.code,
      `${error.message}. The one before it may be whole: --resume ${previous}`,
      { cause: error },
    );
  }
}
