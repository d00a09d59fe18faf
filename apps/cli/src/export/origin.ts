import { basename } from 'node:path';
import type { LoadedGenerator } from '@pggan/model';
import { CliError } from '../errors.js';
import { describeOrigin, readRunConfig } from '../run/config.js';

/** What a generator was trained on, from the run folder it lies in; what it says itself when that is none. */
export async function originOf(
  folder: string,
  { origin }: LoadedGenerator,
): Promise<LoadedGenerator['origin']> {
  try {
    return { ...origin, run: basename(folder), ...describeOrigin(await readRunConfig(folder)) };
  } catch (error) {
    if (error instanceof CliError && error.code === 'run-missing') return origin;
    throw error;
  }
}
