/** What must be known of an ONNX model to enlarge pictures with it. */
import { shown, type OnnxModel } from '@pggan/onnx';
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import { readDescription } from '../onnx/description.js';
import type { Layout } from '../onnx/picture-tensor.js';
import { reachOf } from '../onnx/reach.js';

/** The JSON file beside the model; every key may be left out. */
export const enhancerDescriptionSchema = z.strictObject({
  /** Values of black and white, at the input and the output. */
  range: z.tuple([z.number(), z.number()]).default([0, 1]),
  /** Planes of the model; luma: Y of YCbCr (ITU-R 601), colours by Lanczos. Default: by the number of planes. */
  channels: z.enum(['rgb', 'bgr', 'luma']).optional(),
  /** Enlargement. Checked by a run; only needed to have it checked against what is expected. */
  factor: z.number().int().min(1).max(16).optional(),
  /** Widths and heights the model takes are multiples of this. */
  multiple: z.number().int().min(1).max(256).default(1),
  /** Pixels that tiles share beyond what is kept, on each side. Default: how far the model's convolutions reach. */
  overlap: z.number().int().min(0).max(1024).optional(),
  /** Side of the largest picture that the model sees at once; larger ones are cut into tiles. */
  tile: z.number().int().min(16).max(8192).default(320),
});

export type EnhancerDescription = z.output<typeof enhancerDescriptionSchema>;

/** Of models that look everywhere there is no right overlap. */
const overlapUnknown = 32;

/** What enhancing with a model needs, all decided. */
export interface EnhancerPlan extends Layout {
  readonly fixed: { readonly width: number; readonly height: number } | null; // the only size the model takes
  readonly multiple: number;
  readonly overlap: number;
  readonly tile: number; // a multiple of `multiple`
}

export function readEnhancerDescription(model: string): Promise<EnhancerDescription> {
  return readDescription(model, enhancerDescriptionSchema);
}

/** @throws DatasetError `model-invalid` when input or output are not pictures as described */
export function planEnhancer(model: OnnxModel, description: EnhancerDescription): EnhancerPlan {
  const [input, ...moreInputs] = model.inputs;
  const [output, ...moreOutputs] = model.outputs;
  if (!input || !output || moreInputs.length > 0 || moreOutputs.length > 0)
    throw model.fault(
      `expected one input and one output, got ${model.inputs.length} and ${model.outputs.length}`,
    );
  const picture = 'expected [1, 1 or 3, height, width] of float32';
  for (const [name, port] of [
    ['input', input],
    ['output', output],
  ] as const) {
    const [batch, planes] = port.shape;
    const fits = port.type === 'float32' && port.shape.length === 4 && (batch ?? 1) === 1;
    if (!fits || !(planes === 1 || planes === 3 || (planes === null && name === 'output')))
      throw model.fault(`${name} "${port.name}": ${picture}, got ${shown(port)}`);
  }
  const [, planes, height, width] = input.shape as [number, 1 | 3, number | null, number | null];
  const order = description.channels ?? (planes === 1 ? 'luma' : 'rgb');
  if ((order === 'luma') !== (planes === 1))
    throw model.fault(`channels "${order}" in its description, but its input has ${planes} plane(s)`);
  if (description.range[0] === description.range[1])
    throw model.fault(
      `range in its description: expected two different numbers, got ${description.range[0]} twice`,
    );
  if ((width === null) !== (height === null))
    throw model.fault(`input "${input.name}": expected both sides free or both fixed, got ${shown(input)}`);

  const { multiple } = description;
  const overlap = description.overlap ?? reachOf(model.bytes) ?? overlapUnknown;
  const fixed = width === null || height === null ? null : { width, height };
  if (fixed && Math.min(fixed.width, fixed.height) - 2 * overlap < multiple)
    throw new DatasetError(
      'model-invalid',
      `${model.file.path}: tiles of its fixed ${fixed.width}x${fixed.height} pixels have no middle ` +
        `between overlaps of ${overlap} on each side; expected a smaller "overlap" in its description`,
    );
  // Beside two overlaps at least as much again is kept, or most of the work is done twice.
  const least = Math.max(description.tile, 4 * overlap, multiple);
  const tile = Math.ceil(least / multiple) * multiple;
  return { planes, order, range: description.range, fixed, multiple, overlap, tile };
}
