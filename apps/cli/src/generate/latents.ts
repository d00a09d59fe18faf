/** Latents of pictures: from seeds, or from a NumPy file. */
import { readFile } from 'node:fs/promises';
import { decodeNpy, NpyError } from '@pggan/files';
import { seededLatents } from '@pggan/model';
import { CliError } from '../errors.js';

export interface Latents {
  /** Rows of the model's latent size. */
  readonly data: Float32Array;
  /** What the picture of each row is called. */
  readonly names: readonly string[];
}

/** One stream per seed: a seed's picture does not depend on its neighbours. */
export function latentsOfSeeds(seeds: readonly number[], latentSize: number): Latents {
  const data = new Float32Array(seeds.length * latentSize);
  seeds.forEach((seed, i) => data.set(seededLatents(seed, 1, latentSize), i * latentSize));
  return { data, names: seeds.map((seed) => `seed${String(seed).padStart(4, '0')}`) };
}

/** @throws CliError `latents-invalid` for a file that is no array [pictures, latentSize] of finite numbers */
export async function readLatents(path: string, latentSize: number): Promise<Latents> {
  const invalid = (what: string, cause?: unknown) =>
    new CliError('latents-invalid', `${path}: ${what}`, { cause });
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw invalid(`cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  try {
    const { shape, data } = decodeNpy(bytes, path);
    if (shape.length !== 2 || shape[1] !== latentSize || data.length === 0) {
      throw invalid(`expected an array of shape (pictures, ${latentSize}), got (${shape})`);
    }
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw invalid(`row ${Math.floor(bad / latentSize)} holds ${data[bad]}, expected numbers`);
    return {
      data,
      names: Array.from({ length: shape[0]! }, (_, i) => `latent${String(i).padStart(4, '0')}`),
    };
  } catch (error) {
    if (error instanceof NpyError) throw new CliError('latents-invalid', error.message, { cause: error });
    throw error;
  }
}
