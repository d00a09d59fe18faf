import { join, resolve } from 'node:path';
import { imageShape, loadGenerator, type LoadedGenerator } from '@pggan/model';
import { startEngine } from '@pggan/engine';
import { openEngine, type EngineOptions } from '../engine.js';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { findCheckpoint } from '../run/find.js';

export interface ModelRequest {
  readonly runs: string;
  readonly out?: string | undefined;
}

export interface OpenModel {
  /** The file it was read from. */
  readonly path: string;
  /** The folder that lies in: a run's, or whatever somebody put it into. */
  readonly folder: string;
  /** The caller disposes of its weights. */
  readonly generator: LoadedGenerator;
  /** Where results go when nobody says otherwise. */
  readonly out: string;
}

/**
 * Finds a model, starts the engine and loads the model's generator.
 * @param engine null = nothing is computed with it: plain JavaScript will do
 * @throws CliError, EngineError, ModelError
 */
export async function openModel(
  what: string | undefined,
  { runs, out }: ModelRequest,
  engine: EngineOptions | null,
  io: Io,
): Promise<OpenModel> {
  const { path, folder } = await findCheckpoint(what ?? true, runs);
  if (engine === null) await startEngine({ backend: 'cpu' });
  else await openEngine(engine, io);
  const generator = await loadGenerator(path);
  return { path, folder, generator, out: resolve(out ?? join(folder, 'generated')) };
}

/**
 * The level of detail for pictures of a resolution, that is whole unless the model stands in a fade there.
 * @param resolution undefined = as far as the model is
 * @throws CliError `usage` when it is larger than what the model has reached
 */
export function lodAt({ config, lod }: LoadedGenerator, resolution: number | undefined): number {
  if (resolution === undefined) return lod;
  const level = Math.log2(config.resolution / resolution);
  if (level === Math.floor(lod)) return lod;
  if (level > lod) return level;
  const { width, height } = imageShape(config, Math.floor(lod));
  throw new CliError(
    'usage',
    `--resolution: the model has reached ${config.resolution / 2 ** Math.floor(lod)} (${width}x${height} pixels), ` +
      `got ${resolution}; ask for that or less`,
  );
}
