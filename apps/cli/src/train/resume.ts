import { basename } from 'node:path';
import { loadCheckpoint, ModelError, type TrainingOptions, type TrainingState } from '@pggan/model';
import { CliError } from '../errors.js';
import { resumableOptions, type TrainCommandOptions } from '../options/train.js';
import { readRunConfig, type RunConfig } from '../run/config.js';
import { findCheckpoint, type FoundCheckpoint } from '../run/find.js';

export interface ResumedRun {
  readonly found: FoundCheckpoint;
  readonly config: RunConfig;
}

/**
 * Finds the run that `--resume` means and refuses options that would make it another run.
 * @throws CliError `usage`, `run-missing`, `checkpoint-missing`, `config-invalid`
 */
export async function findResumedRun(options: TrainCommandOptions): Promise<ResumedRun> {
  const refused = (Object.keys(options) as (keyof TrainCommandOptions)[]).filter(
    (name) => options[name] !== undefined && !resumableOptions.has(name),
  );
  if (refused.length > 0) {
    throw new CliError(
      'usage',
      `a continued run keeps the settings it began with; drop ${refused.map(optionName).join(', ')} ` +
        '(only --kimg, --data, --runs, --backend, --threads, --libtensorflow and --json go with --resume)',
    );
  }
  const found = await findCheckpoint(options.resume ?? true, options.runs);
  const config = await readRunConfig(found.folder);
  const { resolution } = config.training.network;
  if (options.resolution !== undefined && options.resolution !== resolution) {
    throw new CliError(
      'resolution-unavailable',
      `${basename(found.folder)} trains ${resolution}x${resolution} images and cannot go on at ` +
        `${options.resolution}x${options.resolution}; drop --resolution, or start a new run without --resume`,
    );
  }
  return { found, config };
}

/**
 * The state in the checkpoint, with the length that the command line asks for.
 * @throws ModelError for a damaged file, naming the one before it; CliError `run-finished`
 */
export async function loadResumedState(
  { found }: ResumedRun,
  kimg: number | undefined,
): Promise<{ state: TrainingState; training: TrainingOptions }> {
  const loaded = await loadOrPointBack(found);
  const training = { ...loaded.options, totalKimg: kimg ?? loaded.options.totalKimg };
  const reached = loaded.progress.nimg / 1000;
  if (reached >= training.totalKimg) {
    throw new CliError(
      'run-finished',
      `${basename(found.folder)} has already reached ${reached} of ${training.totalKimg} kimg; ` +
        `train on with a higher --kimg, such as --kimg ${Math.ceil(reached * 2)}`,
    );
  }
  return { state: { ...loaded, options: training }, training };
}

async function loadOrPointBack({ path, previous }: FoundCheckpoint): Promise<TrainingState> {
  try {
    return await loadCheckpoint(path);
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'checkpoint-corrupt' || !previous) throw error;
    throw new ModelError(
      error.code,
      `${error.message}. The one before it may be whole: --resume ${previous}`,
      {
        cause: error,
      },
    );
  }
}

function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
