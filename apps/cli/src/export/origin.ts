import { basename } from 'node:path';
import type { LoadedGenerator } from '@pggan/model';
import { CliError } from '../errors.js';
import { readRunConfig } from '../run/config.js';

/** What a generator was trained on, from the run folder it lies in; what it says itself when that is none. */
export async function originOf(
  folder: string,
  { origin }: LoadedGenerator,
): Promise<LoadedGenerator['origin']> {
  try {
    const { pggan, preset, dataset } = await readRunConfig(folder);
    const { name, width, height, channels, count, sha256 } = dataset;
    return {
      ...origin,
      run: basename(folder),
      pggan,
      preset,
      dataset: { name, width, height, channels, count, sha256 },
    };
  } catch (error) {
    if (error instanceof CliError && error.code === 'run-missing') return origin;
    throw error;
  }
}
