/** Training states on disk: one self-describing safetensors file each. */
import { tf } from '@pggan/engine';
import { RandomState, type RandomStateSnapshot } from '@pggan/random';
import { writeAtomic } from '@pggan/files';
import { z } from 'zod';
import type { AdamState } from './adam.js';
import { freshHealth, healthSchema, type Health } from './divergence.js';
import { ModelError } from './errors.js';
import { trainingOptionsSchema, type TrainingOptions } from './options.js';
import { encodeSafetensors, type RawTensor, type TensorFile } from './safetensors.js';
import { discriminatorStatistics, generatorStatistics, type Statistics } from './statistics.js';
import { readTensor, readTensorFile, readTensorFileMetadata } from './tensor-file.js';
import {
  freshStream,
  mapStreams,
  namedTensors,
  type StreamName,
  type TrainingProgress,
  type TrainingState,
} from './training-state.js';
import { discriminatorVariables, generatorVariables, type VariableSpec, type Weights } from './variables.js';
import { libraryVersion } from './version.js';

export const stateFormat = 'pggan-training-state';
const version = '1';

const number = z.number();
const randomSchema = z.custom<RandomStateSnapshot>((value) => typeof value === 'object' && value !== null);

/** The part of a state that is not tensors, kept as JSON in the header. */
const headSchema = z.strictObject({
  options: trainingOptionsSchema,
  progress: z.strictObject({
    nimg: number.int().min(0),
    lod: number,
    tick: number.int().min(0),
    tickStart: number.int().min(0),
    seconds: number,
    tickSeconds: number,
    maintenanceSeconds: number,
  }),
  random: z.strictObject({
    ...mapStreams(() => randomSchema),
    // Files from before networks with labels and LSGAN have neither: nothing was drawn from them yet.
    labels: randomSchema.optional(),
    noise: randomSchema.optional(),
  }),
  // Files from before divergence was watched have none.
  health: healthSchema.optional(),
  reader: z.unknown(),
});

/**
 * Writes a whole training state: tensors by the names of {@link namedTensors}, the rest as JSON. Atomic: the file is
 * complete or absent.
 * @param notes what else the header should tell of the run, such as its dataset
 * @throws ModelError `checkpoint-not-written` with the system's reason, such as a full disk
 */
export async function saveCheckpoint(
  path: string,
  state: TrainingState,
  notes: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tensors: Record<string, RawTensor> = {};
  for (const [name, tensor] of Object.entries(namedTensors(state))) {
    tensors[name] = { shape: tensor.shape, data: tensor.dataSync() as Float32Array };
  }
  const head = {
    options: state.options,
    progress: state.progress,
    random: mapStreams((name) => state.random[name].state()),
    health: state.health,
    reader: state.reader,
  };
  const metadata = {
    format: stateFormat,
    version,
    library: libraryVersion,
    ...notes,
    state: JSON.stringify(head),
  };
  try {
    await writeAtomic(path, encodeSafetensors({ metadata, tensors }));
  } catch (error) {
    throw new ModelError(
      'checkpoint-not-written',
      `cannot write ${path}: ${(error as Error).message}; the previous snapshot is untouched`,
      { cause: error },
    );
  }
}

/**
 * Reads a whole training state back; the caller disposes of it.
 * @throws ModelError `checkpoint-missing`, `-corrupt` (cut or changed), `-format` (something else),
 *   `-version` (of another version of this program)
 */
export async function loadCheckpoint(path: string): Promise<TrainingState> {
  const file = openState(await readTensorFile(path), path);
  const { options, progress, random, health = freshHealth(), reader } = file.head;
  const stream = (name: StreamName) => {
    const saved = random[name];
    return saved === undefined ? freshStream(options.seed, name) : RandomState.fromState(saved);
  };
  const { network } = options;
  const generatorSpecs = generatorVariables(network);
  const discriminatorSpecs = discriminatorVariables(network);
  return {
    options,
    G: file.weights('G', generatorSpecs),
    D: file.weights('D', discriminatorSpecs),
    Gs: file.weights('Gs', generatorSpecs),
    adamG: file.adam('adam_g', generatorSpecs),
    adamD: file.adam('adam_d', discriminatorSpecs),
    fakeScore: file.fakeScore(),
    statisticsG: file.statistics('statistics_g', generatorStatistics),
    statisticsD: file.statistics('statistics_d', discriminatorStatistics(options)),
    random: mapStreams(stream),
    progress,
    health,
    reader,
  };
}

/** What a checkpoint says of itself. */
export interface CheckpointHead {
  readonly options: TrainingOptions;
  readonly progress: TrainingProgress;
  readonly health: Health;
}

/** Reads the head of a checkpoint alone: quick, but the tensors behind it may be damaged. Errors as {@link loadCheckpoint}. */
export async function readCheckpointHead(path: string): Promise<CheckpointHead> {
  const { options, progress, health = freshHealth() } = parseHead(await readTensorFileMetadata(path), path);
  return { options, progress, health };
}

/** The averaged generator of a training state, with its configuration and progress. */
export function generatorOfState(file: TensorFile, path: string) {
  const { head, weights } = openState(file, path);
  const { network: config } = head.options;
  return {
    config,
    weights: () => weights('Gs', generatorVariables(config)),
    progress: head.progress,
  };
}

function openState(file: TensorFile, path: string) {
  const head = parseHead(file.metadata, path);
  const tensor = <T extends tf.Tensor>(name: string, shape: readonly number[]) =>
    readTensor<T>(file, name, shape, path);
  const some = (prefix: string, specs: readonly VariableSpec[]): Weights =>
    Object.fromEntries(
      specs
        .filter(({ name }) => file.tensors[`${prefix}/${name}`] !== undefined)
        .map(({ name, shape }) => [name, tensor(`${prefix}/${name}`, shape)]),
    );
  return {
    head,
    weights: (prefix: string, specs: readonly VariableSpec[]): Weights =>
      Object.fromEntries(specs.map(({ name, shape }) => [name, tensor(`${prefix}/${name}`, shape)])),
    /** Only variables that were touched have moments. */
    adam: (prefix: string, specs: readonly VariableSpec[]): AdamState => ({
      t: tensor<tf.Scalar>(`${prefix}/t`, []),
      m: some(`${prefix}/m`, specs),
      v: some(`${prefix}/v`, specs),
    }),
    fakeScore: (): tf.Scalar =>
      file.tensors['loss/fake_score'] === undefined ? tf.scalar(0) : tensor('loss/fake_score', []),
    statistics: (prefix: string, names: readonly string[]): Statistics => ({
      sum: tensor<tf.Tensor1D>(`${prefix}/sum`, [names.length]),
      count: tensor<tf.Tensor1D>(`${prefix}/count`, [names.length]),
    }),
  };
}

function parseHead(metadata: TensorFile['metadata'], path: string): z.output<typeof headSchema> {
  if (metadata['format'] !== stateFormat) {
    throw new ModelError(
      'checkpoint-format',
      `${path}: expected a ${stateFormat} file, got ${metadata['format'] ?? 'plain tensors'}`,
    );
  }
  if (metadata['version'] !== version) {
    throw new ModelError(
      'checkpoint-version',
      `${path}: expected version ${version}, got ${metadata['version'] ?? 'none'}; ` +
        'continue it with the version of pggan that wrote it',
    );
  }
  try {
    return headSchema.parse(JSON.parse(metadata['state'] ?? ''));
  } catch (error) {
    throw new ModelError(
      'checkpoint-corrupt',
      `${path}: the training state in the header does not parse: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
