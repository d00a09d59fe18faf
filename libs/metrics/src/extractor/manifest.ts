/** The JSON file that says what a feature extractor's model does not: what it wants to see and which outputs are what. */
import { basename, dirname, extname, resolve } from 'node:path';
import { explainIssues, readPlainFile } from '@pggan/files';
import { resizers } from '@pggan/resample';
import { z } from 'zod';
import { MetricsError } from '../errors.js';

export const resizerNames = ['none', ...resizers] as const;

const side = z.union([z.int().min(1).max(8192), z.literal('any')]);

const inputSchema = z.strictObject({
  /** Name in the model; only needed where it has several inputs. */
  name: z.string().min(1).optional(),
  layout: z.enum(['nchw', 'nhwc']),
  /** Pixels; "any": images go in as they are. Default: as the model declares. */
  width: side.optional(),
  height: side.optional(),
  channels: z.enum(['rgb', 'bgr', 'gray']),
  /** Values of black and white, before mean and deviation. */
  range: z
    .tuple([z.number(), z.number()])
    .refine(([black, white]) => black !== white, { error: 'expected two different numbers' }),
  /** Subtracted per channel, in the model's order. */
  mean: z.array(z.number()).optional(),
  /** Divided by, per channel. */
  deviation: z.array(z.number().positive()).optional(),
});

/** Every key of a manifest. */
export const manifestSchema = z.strictObject({
  format: z.literal('pggan-extractor'),
  version: z.literal(1),
  /** What numbers are called by, such as inception-2015-12-05. */
  name: z.string().min(1).max(200),
  /** Path from the manifest's folder, .onnx or the .json of a TensorFlow.js model. */
  model: z.string().regex(/\.(onnx|json)$/i, { error: 'expected a name that ends in .onnx or .json' }),
  /** Of the model's bytes, of a TensorFlow.js model those of its files of weights behind it; checked before it is used. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'expected 64 hexadecimal digits' })
    .optional(),
  /** How to get the model, for those who have the manifest only. */
  origin: z.string().optional(),
  input: inputSchema,
  /** How images of another size are brought to the model's. */
  resizer: z.enum(resizerNames),
  /** Names in the model. Probabilities are the softmax of the logits where only those are named. */
  outputs: z
    .strictObject({
      features: z.string().min(1).optional(),
      logits: z.string().min(1).optional(),
      probabilities: z.string().min(1).optional(),
    })
    .refine((outputs) => Object.values(outputs).some((name) => name !== undefined), {
      error: 'expected at least one of features, logits, probabilities',
    }),
  /** Of outputs with several places: their mean over all places. */
  pool: z.literal('mean').optional(),
  /** Images that the model sees at once. Default: as it declares, else 16. */
  batch: z.int().min(1).max(4096).optional(),
});

export type Manifest = z.output<typeof manifestSchema>;

/** What does not change any number: where the model lies and what it is called. */
const withoutMeaning = new Set(['format', 'name', 'model', 'sha256', 'origin']);

const largestManifest = 2 ** 20;

/**
 * @throws MetricsError `extractor-missing`, `extractor-invalid` naming key, what was expected and what was found
 */
export async function readManifest(path: string): Promise<Manifest> {
  const invalid = (what: string, cause?: unknown) =>
    new MetricsError('extractor-invalid', `${path}: ${what}`, { cause });
  if (extname(path).toLowerCase() === '.onnx')
    throw invalid(
      `expected the manifest of a feature extractor, got a model; write a JSON file beside it that names it ("model": ` +
        `"${basename(path)}") and says what it sees: see "Feature extractors" in the README of @pggan/metrics`,
    );
  let text: string;
  try {
    text = (await readPlainFile(path, largestManifest)).toString('utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new MetricsError(
      'extractor-missing',
      `${path}: ${code === 'ENOENT' ? 'there is no such file' : message}; expected the manifest of a feature extractor (JSON)`,
      { cause },
    );
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw invalid(
      `expected the manifest of a feature extractor, got no JSON (${(cause as Error).message})`,
      cause,
    );
  }
  const parsed = manifestSchema.safeParse(data);
  if (!parsed.success) throw invalid(explainIssues(parsed.error, data, 'the manifest', manifestSchema));
  const manifest = parsed.data;
  const planes = manifest.input.channels === 'gray' ? 1 : 3;
  for (const key of ['mean', 'deviation'] as const) {
    const count = manifest.input[key]?.length ?? planes;
    if (count !== planes)
      throw invalid(`input.${key}: expected ${planes} numbers for ${manifest.input.channels}, got ${count}`);
  }
  const { width, height } = manifest.input;
  if ((width === 'any' || height === 'any') && manifest.resizer !== 'none')
    throw invalid(`resizer: expected "none" for an input of any size, got "${manifest.resizer}"`);
  return manifest;
}

export function modelPath(manifestPath: string, { model }: Manifest): string {
  return resolve(dirname(manifestPath), model);
}

/** What in a manifest decides the numbers, as text that is equal for equal meanings. */
export function meaningOf(manifest: Manifest): string {
  return JSON.stringify(manifest, (key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([name]) => key !== '' || !withoutMeaning.has(name));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
