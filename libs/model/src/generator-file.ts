/**
 * A generator by itself on disk: a safetensors file with the official variable names and layouts (facts
 * 1.2), and a header that says how to rebuild the network, what made it and what it was trained on.
 */
import { writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { generatorOfState, stateFormat } from './checkpoint.js';
import { networkConfigSchema, type NetworkConfig } from './config.js';
import { ModelError } from './errors.js';
import { encodeSafetensors, type RawTensor, type TensorFile } from './safetensors.js';
import { readTensor, readTensorFile } from './tensor-file.js';
import { generatorVariables, type Weights } from './variables.js';
import { libraryVersion } from './version.js';

const format = 'pggan-generator';
const version = '1';

const headSchema = z.strictObject({
  config: networkConfigSchema,
  lod: z.number().min(0),
  kimg: z.number().min(0).nullable(),
  origin: z.record(z.string(), z.unknown()),
  absent: z.array(z.string()),
});

/** A generator and what is known of it. */
export interface LoadedGenerator {
  /** The averaged generator; the caller disposes of it with `disposeWeights`. */
  readonly weights: Weights;
  readonly config: NetworkConfig;
  /** Level of detail reached, to make pictures at. */
  readonly lod: number;
  /** Thousands of images shown; null when nobody knows. */
  readonly kimg: number | null;
  /** Where it comes from, as plain JSON: what it was trained on, or what file it was imported from. */
  readonly origin: Readonly<Record<string, unknown>>;
}

/**
 * Writes a generator. Variables of {@link generatorVariables} that `weights` lacks, because the file it was
 * imported from had none, are listed in the header; pictures that need them cannot be made.
 * @throws ModelError `checkpoint-not-written` with the system's reason
 */
export async function saveGenerator(path: string, generator: LoadedGenerator): Promise<void> {
  const { weights, config, lod, kimg, origin } = generator;
  const tensors: Record<string, RawTensor> = {};
  const absent: string[] = [];
  for (const { name } of generatorVariables(config)) {
    const tensor = weights[name];
    if (tensor === undefined) absent.push(name);
    else tensors[name] = { shape: tensor.shape, data: tensor.dataSync() as Float32Array };
  }
  const head: z.input<typeof headSchema> = { config, lod, kimg, origin, absent };
  const metadata = { format, version, library: libraryVersion, generator: JSON.stringify(head) };
  try {
    await writeAtomic(path, encodeSafetensors({ metadata, tensors }));
  } catch (error) {
    throw new ModelError('checkpoint-not-written', `cannot write ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Reads what making pictures needs, from a file of {@link saveGenerator} or a whole training state.
 * @throws ModelError `checkpoint-missing`, `-corrupt` (cut or changed), `-format` (something else),
 *   `-version` (of another version of this program)
 */
export async function loadGenerator(path: string): Promise<LoadedGenerator> {
  const file = await readTensorFile(path);
  if (file.metadata['format'] === format) return readGenerator(file, path);
  if (file.metadata['format'] === stateFormat) {
    const { weights, config, progress } = generatorOfState(file, path);
    const own = ['format', 'version', 'state'];
    const notes = Object.entries(file.metadata).filter(([key]) => !own.includes(key));
    return {
      weights: weights(),
      config,
      lod: progress.lod < 0 ? Math.log2(config.resolution) - 2 : progress.lod,
      kimg: progress.nimg / 1000,
      origin: Object.fromEntries(notes),
    };
  }
  throw new ModelError(
    'checkpoint-format',
    `${path}: expected a ${stateFormat} or ${format} file, got ${file.metadata['format'] ?? 'plain tensors'}; ` +
      'weights of other programs are brought in by pggan import',
  );
}

function readGenerator(file: TensorFile, path: string): LoadedGenerator {
  const { metadata } = file;
  if (metadata['version'] !== version) {
    throw new ModelError(
      'checkpoint-version',
      `${path}: expected version ${version}, got ${metadata['version'] ?? 'none'}; ` +
        'use it with the version of pggan that wrote it',
    );
  }
  let head: z.output<typeof headSchema>;
  try {
    head = headSchema.parse(JSON.parse(metadata['generator'] ?? ''));
  } catch (error) {
    throw new ModelError(
      'checkpoint-corrupt',
      `${path}: the description of the generator in the header does not parse: ${(error as Error).message}`,
      { cause: error },
    );
  }
  const { absent, ...rest } = head;
  const specs = generatorVariables(head.config).filter(({ name }) => !absent.includes(name));
  const weights = Object.fromEntries(
    specs.map(({ name, shape }) => [name, readTensor(file, name, shape, path)]),
  );
  return { ...rest, weights };
}
