/**
 * How the tensors of another program's generator become ours: one entry per kind of variable. A mapping is
 * plain JSON, so that a layout nobody thought of needs no program.
 */
import { z } from 'zod';
import { ModelError } from '../errors.js';

const axis = z.number().int().min(0).max(7);

const wscaleSchema = z.strictObject({
  /** Numerator of the factor, sqrt(2) for He's constant. */
  gain: z.number().positive(),
  /** Axes of the source tensor whose product is the fan-in. */
  fanIn: z.array(axis).min(1),
  /** Name of the tensor whose axes these are; absent = the one that is read. For biases that are scaled too. */
  of: z.string().optional(),
});

const tensorSchema = z.strictObject({
  /** Our variable, such as `{side}x{side}/Conv1/weight`. */
  to: z.string().min(1),
  /** Its name in the file; of several, the first that is there. */
  from: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** First and last block the entry is for, 2 = 4x4; absent = block 2 alone; last absent = up to the final resolution. */
  blocks: z
    .union([
      z.tuple([z.number().int().min(2).max(10)]),
      z.tuple([z.number().int().min(2).max(10), z.number().int().min(2).max(10)]),
    ])
    .default([2, 2]),
  /**
   * For every axis of ours the source axes it is made of, the last one running fastest; an empty list is an axis of
   * one. Absent = as they are. [[1], [0, 2, 3]] makes [in, out * h * w] of [out, in, h, w].
   */
  axes: z.array(z.array(axis)).optional(),
  /** Source axes that are reversed first: those of a kernel that is to be mirrored. */
  flip: z.array(axis).default([]),
  /**
   * Factor with which the other program multiplies at every use, an equalised learning rate; `official` = the very
   * one of the official networks.
   */
  wscale: z.union([z.literal('official'), wscaleSchema]).optional(),
  /** Tensors of one number, with which it multiplies at every use; of several names the first that is there. */
  scale: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  /** Whether the file may lack it; pictures that need it then cannot be made. */
  optional: z.boolean().default(false),
});

export const mappingSchema = z.strictObject({
  schemaVersion: z.literal(1, { error: ({ input }) => `expected 1, got ${JSON.stringify(input)}` }),
  /** What a person calls the layout. */
  name: z.string().min(1),
  /** Where it is from, what was checked. */
  about: z.string().default(''),
  /** Settings of the network that the tensors do not tell; sizes and widths are read off the tensors. */
  network: z.record(z.string(), z.unknown()).default({}),
  tensors: z.array(tensorSchema).min(1),
  /** Regular expressions, each for whole names of tensors that are of no use to a generator. */
  ignore: z.array(z.string()).default([]),
});

/** What a mapping file may say. */
export type MappingInput = z.input<typeof mappingSchema>;
export type Mapping = z.output<typeof mappingSchema>;
export type MappedTensor = Mapping['tensors'][number];

/**
 * Checks a mapping.
 * @param name what messages call it, such as its path
 * @throws ModelError `mapping-invalid`, one line per fault
 */
export function parseMapping(input: unknown, name: string): Mapping {
  const fail = (lines: readonly string[], cause?: unknown) =>
    new ModelError('mapping-invalid', `${name} is no mapping of weights\n  ${lines.join('\n  ')}`, { cause });
  const result = mappingSchema.safeParse(input);
  if (!result.success) {
    throw fail(
      result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'file'}: ${message}`),
      result.error,
    );
  }
  const texts = result.data.tensors.flatMap((tensor) => [tensor.to, ...names(tensor)]);
  for (const text of texts) {
    const wrong = (text.match(/\{[^}]*\}?/g) ?? []).find((place) => !placePattern.test(place));
    if (wrong !== undefined) {
      throw fail([`"${text}": expected {block}, {side}, {lod} or such as {2*block-5}, got ${wrong}`]);
    }
  }
  for (const text of result.data.ignore) {
    try {
      new RegExp(text);
    } catch (error) {
      throw fail([`ignore: ${(error as Error).message}`], error);
    }
  }
  return result.data;
}

/** Every template of a source name in an entry. */
function names({ from, scale, wscale }: MappedTensor): string[] {
  const of = typeof wscale === 'object' ? wscale.of : undefined;
  return [from, scale ?? [], of ?? []].flat();
}

const placePattern = /^\{(?:(\d+)\*)?(block|side|lod)([+-]\d+)?\}$/;

/**
 * A name with its places filled in: `{block}` is log2 of the side, `{side}` the side, `{lod}` the halvings below the
 * final resolution, each optionally times a number and plus another.
 */
export function fillName(template: string, block: number, top: number): string {
  return template.replace(/\{[^}]*\}/g, (place) => {
    const [, factor = '1', variable, offset = '0'] = placePattern.exec(place)!;
    const value = { block, side: 2 ** block, lod: top - block }[variable as 'block' | 'side' | 'lod'];
    return String(Number(factor) * value + Number(offset));
  });
}
