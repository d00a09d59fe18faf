/** The files of a TensorFlow.js model: model.json, and the weights that it names. */
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { explainIssues, readPlainFile } from '@pggan/files';
import { z } from 'zod';
import { MetricsError } from '../errors.js';

const weightSchema = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool', 'string', 'complex64']),
  quantization: z.looseObject({ dtype: z.enum(['uint8', 'uint16', 'float16']) }).optional(),
});

/** What is read here of model.json. */
const modelSchema = z.looseObject({
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(weightSchema) })),
});

const bytesOf = { float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2 } as const;

export interface TfjsFiles {
  readonly json: object;
  readonly weights: Uint8Array;
}

const largestWeights = 2 ** 31 - 1;

/**
 * `bytes`: of model.json at `path`.
 * @throws MetricsError `extractor-invalid` when they do not go together, `extractor-missing` for a file of weights
 */
export async function readTfjsFiles(path: string, bytes: Buffer): Promise<TfjsFiles> {
  const invalid = (what: string, cause?: unknown) =>
    new MetricsError('extractor-invalid', `${path}: ${what}`, { cause });
  let data: unknown;
  try {
    data = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(`expected a TensorFlow.js model, got no JSON (${(cause as Error).message})`, cause);
  }
  const parsed = modelSchema.safeParse(data);
  if (!parsed.success)
    throw invalid(`expected a TensorFlow.js model; ${explainIssues(parsed.error, data, 'the model')}`);
  const parts: Buffer[] = [];
  for (const { paths, weights } of parsed.data.weightsManifest) {
    let left = 0;
    for (const name of paths) {
      const inside = normalize(name);
      if (isAbsolute(inside) || inside.startsWith('..'))
        throw invalid(`weightsManifest: expected names of files beside it, got "${name}"`);
      const part = await readPlainFile(join(dirname(path), inside), largestWeights).catch(
        (cause: unknown) => {
          const { code, message } = cause as NodeJS.ErrnoException;
          const why = code === 'ENOENT' ? 'there is no such file' : message;
          throw new MetricsError(
            'extractor-missing',
            `${join(dirname(path), inside)}: the weights of ${path}: ${why}`,
            { cause },
          );
        },
      );
      parts.push(part);
      left += part.length;
    }
    // Texts have no fixed length.
    if (weights.some(({ dtype }) => dtype === 'string')) continue;
    const needed = weights.reduce((sum, weight) => sum + sizeOf(weight), 0);
    if (needed !== left)
      throw invalid(`weightsManifest: expected ${needed} bytes in ${paths.join(', ')}, got ${left}`);
  }
  return { json: data as object, weights: Buffer.concat(parts) };
}

function sizeOf({ shape, dtype, quantization }: z.output<typeof weightSchema>): number {
  const each = bytesOf[quantization?.dtype ?? (dtype as Exclude<typeof dtype, 'string'>)];
  return shape.reduce((product, side) => product * side, each);
}
