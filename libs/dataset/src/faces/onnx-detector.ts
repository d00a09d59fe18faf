/** Finds faces and their five points with an ONNX model, in the thread that opens it. */
import { OnnxModel, onnxRuntimeVersion, readModel, shown, type ModelFile } from '@pggan/onnx';
import { z } from 'zod';
import { readDescription } from '../onnx/description.js';
import { sha256Of } from '../sha256.js';
import { toTensor } from '../onnx/picture-tensor.js';
import { onnxFault } from '../onnx/fault.js';
import type { RgbImage } from './image.js';
import { resizeLanczos } from './lanczos.js';
import { eyeDistance, type FaceLandmarks } from './landmarks.js';

/** The JSON file beside the model; every key may be left out where the default fits. */
export const detectorDescriptionSchema = z.strictObject({
  /** Side of the square that the model sees; only for models of free size. */
  side: z.number().int().min(16).max(8192).optional(),
  /** Values of black and white at the input. */
  range: z.tuple([z.number(), z.number()]).default([0, 1]),
  channels: z.enum(['rgb', 'bgr']).default('rgb'),
  /** Gray of what lies beside the picture in its square, 0 black to 255 white. */
  fill: z.number().int().min(0).max(255).default(0),
  /** Names of the outputs; boxes only where the model leaves several for one face. */
  outputs: z
    .strictObject({
      points: z.string().default('points'),
      scores: z.string().default('scores'),
      boxes: z.string().optional(),
    })
    .prefault({}),
  /** Which of the model's points are CelebA's, in LANDMARK order: left eye, right eye, nose, left and right mouth corner. */
  points: z.array(z.number().int().nonnegative()).length(5).default([0, 1, 2, 3, 4]),
  /** Of boxes that share more than this (intersection over union) the one with the highest score is kept. */
  maxOverlap: z.number().min(0).max(1).default(0.4),
});

export type DetectorDescription = z.output<typeof detectorDescriptionSchema>;

export interface OnnxDetectorOptions {
  readonly minConfidence?: number | undefined; // least score of a face; default 0.5
}

const fileOf = (path: string): ModelFile => ({
  path,
  what: 'face detector',
  option: '--face-model',
  fault: onnxFault,
});

/**
 * Hash of what decides the results: the model's bytes, its description and ONNX Runtime's version.
 * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`
 */
export async function onnxDetectorHash(path: string): Promise<string> {
  const model = await readModel(fileOf(path));
  const description = await readDescription(path, detectorDescriptionSchema);
  return sha256Of(
    JSON.stringify({ model: sha256Of(model), description, onnxruntime: onnxRuntimeVersion(onnxFault) }),
  );
}

/** One face as the model gives it, in pixels of its input. */
interface Candidate {
  readonly score: number;
  readonly points: readonly number[];
  readonly box: readonly number[] | null; // x0, y0, x1, y1
}

export class OnnxDetector {
  private constructor(
    private readonly model: OnnxModel,
    private readonly description: DetectorDescription,
    private readonly minConfidence: number,
    private readonly width: number, // of the input
    private readonly height: number,
  ) {}

  /**
   * A model with one input, float32 [1, 3, height, width]: the picture, scaled as a whole until it fits and put into the
   * top left corner. Outputs, float32, for N faces: `scores` of N numbers, `points` of N x K pairs x, y in pixels of the
   * input from its corner, and, if the description names it, `boxes` of N x 4 (x0, y0, x1, y1). Leading dimensions of 1
   * do not matter. The rest stands in a JSON file beside the model (detectorDescriptionSchema).
   * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`
   */
  static async open(path: string, { minConfidence = 0.5 }: OnnxDetectorOptions = {}): Promise<OnnxDetector> {
    const description = await readDescription(path, detectorDescriptionSchema);
    const model = await OnnxModel.open(fileOf(path));
    try {
      const [input, ...more] = model.inputs;
      const [batch, planes, height, width] = input?.shape ?? [];
      const fits =
        input?.type === 'float32' && input.shape.length === 4 && (batch ?? 1) === 1 && planes === 3;
      if (!input || !fits || more.length > 0)
        throw model.fault(
          `expected one input [1, 3, height, width] of float32, got ${model.inputs.map(shown).join(' and ')}`,
        );
      const sides = [width, height].map((side) => side ?? description.side);
      if (sides.includes(undefined))
        throw model.fault('its input is of any size; expected "side" in its description, got nothing');
      const names = model.outputs.map((output) => output.name);
      for (const name of Object.values(description.outputs))
        if (name !== undefined && !names.includes(name))
          throw model.fault(`expected an output "${name}", as its description says, got ${names.join(', ')}`);
      return new OnnxDetector(model, description, minConfidence, sides[0]!, sides[1]!);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /**
   * All faces of an upright picture, the one with the widest eye distance first, in pixels of that picture.
   * @throws DatasetError `model-invalid` when the model fails or its outputs do not go together
   */
  async detect(image: RgbImage): Promise<FaceLandmarks[]> {
    const scale = Math.min(this.width / image.width, this.height / image.height);
    const side = (length: number) => Math.max(1, Math.round(length * scale));
    const fitted = resizeLanczos(image, side(image.width), side(image.height));
    const found = this.#keep(await this.#run(fitted));
    // Rounded sides differ a little from the common scale.
    const back = [image.width / fitted.width, image.height / fitted.height] as const;
    return found
      .map(({ points, score }) => ({
        points: Float64Array.from(points, (value, i) => value * back[i % 2]!),
        faces: found.length,
        confidence: score,
      }))
      .sort((a, b) => eyeDistance(b.points) - eyeDistance(a.points));
  }

  async #run(fitted: RgbImage): Promise<Candidate[]> {
    const { width, height, model, description } = this;
    const outputs = await model.run(this.#letterbox(fitted), [1, 3, height, width]);
    const numbers = (name: string): Float32Array => {
      const { data, type, dims } = outputs[name]!;
      if (type === 'float32') return data as Float32Array;
      throw model.fault(`output "${name}": expected float32, got ${shown({ type, shape: dims })}`);
    };
    const names = description.outputs;
    const scores = numbers(names.scores);
    const points = numbers(names.points);
    const boxes = names.boxes === undefined ? null : numbers(names.boxes);
    const count = scores.length;
    if (count === 0) return [];
    const each = points.length / count;
    const least = 2 * (Math.max(...description.points) + 1);
    if (!Number.isInteger(each / 2) || each < least)
      throw model.fault(
        `output "${names.points}": expected at least ${least} numbers for each of ${count} scores, got ${points.length}`,
      );
    if (boxes && boxes.length !== 4 * count)
      throw model.fault(
        `output "${names.boxes}": expected 4 numbers for each of ${count} scores, got ${boxes.length}`,
      );
    return Array.from(scores, (score, i) => ({
      score,
      points: description.points.flatMap((k) => [points[i * each + 2 * k]!, points[i * each + 2 * k + 1]!]),
      box: boxes && Array.from(boxes.subarray(4 * i, 4 * i + 4)),
    }));
  }

  #letterbox(fitted: RgbImage): Float32Array {
    const { range, channels: order, fill } = this.description;
    const layout = { range, order, planes: 3 } as const;
    const line = (length: number) => Int32Array.from({ length }, (_, i) => i);
    const part = { columns: line(fitted.width), rows: line(fitted.height) };
    const planes = toTensor(fitted, part, layout);
    const { width, height } = this;
    const input = new Float32Array(3 * width * height).fill(range[0] + ((range[1] - range[0]) * fill) / 255);
    for (let row = 0; row < 3 * fitted.height; row++) {
      const plane = Math.floor(row / fitted.height);
      const to = (plane * height + (row % fitted.height)) * width;
      input.set(planes.subarray(row * fitted.width, (row + 1) * fitted.width), to);
    }
    return input;
  }

  /** Those of enough score and finite points, of several for one face the best. */
  #keep(candidates: readonly Candidate[]): Candidate[] {
    const { maxOverlap } = this.description;
    const kept: Candidate[] = [];
    const able = candidates.filter(
      ({ score, points }) => score >= this.minConfidence && points.every(Number.isFinite),
    );
    for (const candidate of able.sort((a, b) => b.score - a.score)) {
      const { box } = candidate;
      if (!box || !kept.some((better) => shared(better.box!, box) > maxOverlap)) kept.push(candidate);
    }
    return kept;
  }

  /** Free the model. The detector cannot be used afterwards. */
  close(): Promise<void> {
    return this.model.close();
  }
}

/** Intersection over union of two boxes. */
function shared(a: readonly number[], b: readonly number[]): number {
  const length = (axis: 0 | 1) =>
    Math.max(0, Math.min(a[axis + 2]!, b[axis + 2]!) - Math.max(a[axis]!, b[axis]!));
  const common = length(0) * length(1);
  const area = (box: readonly number[]) => (box[2]! - box[0]!) * (box[3]! - box[1]!);
  return common === 0 ? 0 : common / (area(a) + area(b) - common);
}
