import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { retentionSchema, trainingOptionsSchema } from '@pggan/model';
import { writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { CliError } from '../errors.js';
import { runFiles } from './names.js';

/** Raised when a field changes its meaning or disappears. */
export const configVersion = 1;

export const runConfigSchema = z.strictObject({
  schemaVersion: z.literal(configVersion, {
    error: ({ input }) => `expected ${configVersion}, got ${JSON.stringify(input)}`,
  }),
  /** Version of this program. */
  pggan: z.string(),
  /** ISO 8601. */
  created: z.string(),
  /** Name of the preset the run began with; its numbers are in `training`. */
  preset: z.string(),
  /** What the preset's lengths were multiplied with, and why. */
  lengths: z.strictObject({ factor: z.number().positive(), reason: z.string() }),
  /** Run this one was branched from, as a path to its checkpoint. */
  branchedFrom: z.string().optional(),
  dataset: z.strictObject({
    path: z.string(),
    name: z.string(),
    resolution: z.number(),
    /** Of the largest images; absent for square ones in configurations of older versions. */
    width: z.number().optional(),
    height: z.number().optional(),
    channels: z.number(),
    /** Numbers per label; absent when the labels were not read. */
    labelComponents: z.number().optional(),
    count: z.number(),
    /** Of the file with the largest images; absent for datasets without an index. */
    sha256: z.string().optional(),
  }),
  engine: z.strictObject({
    backend: z.enum(['tensorflow', 'wasm', 'cpu']),
    tensorflowVersion: z.string().optional(),
    gpu: z.boolean(),
    threads: z.number(),
  }),
  /** Which snapshots stay; absent in configurations of older versions. */
  snapshots: retentionSchema.prefault({}),
  /** What is measured on the way; null or absent: nothing. */
  metrics: z
    .strictObject({
      names: z.array(z.string()).min(1),
      /** Ticks between measurements; null: at every snapshot. */
      everyTicks: z.number().int().positive().nullable(),
      /** Manifests of networks. */
      extractor: z.string().optional(),
      classifier: z.string().optional(),
    })
    .nullable()
    .default(null),
  /** Everything that decides what is computed. */
  training: trainingOptionsSchema,
});

/** A run's `config.json`: what was resolved when it began, enough to repeat or continue it. */
export type RunConfig = z.output<typeof runConfigSchema>;

/** `64x64` or `128x96`: the largest images of a dataset. */
export function describeSize({ resolution, width, height }: RunConfig['dataset']): string {
  return `${width ?? resolution}x${height ?? resolution}`;
}

/** What weights of a run should tell of it wherever they go. */
export function describeOrigin({ pggan, preset, dataset }: RunConfig) {
  const { name, width, height, channels, count, sha256 } = dataset;
  return { pggan, preset, dataset: { name, width, height, channels, count, sha256 } };
}

export async function writeRunConfig(folder: string, config: RunConfig): Promise<void> {
  await writeAtomic(join(folder, runFiles.config), `${JSON.stringify(config, null, 2)}\n`);
}

/** @throws CliError `run-missing` without a config.json, `config-invalid` when it is not ours. */
export async function readRunConfig(folder: string): Promise<RunConfig> {
  const path = join(folder, runFiles.config);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(
      'run-missing',
      `${folder} is not a run folder: cannot read ${runFiles.config} (${(error as NodeJS.ErrnoException).code})`,
      { cause: error },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CliError('config-invalid', `${path} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const result = runConfigSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path: at, message }) => `${at.map(String).join('.')}: ${message}`,
  );
  throw new CliError('config-invalid', `${path} does not describe a run\n  ${problems.join('\n  ')}`);
}
