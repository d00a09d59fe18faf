/** What an ONNX model sees in a picture, as a vector: distances between vectors tell more than those between pixels. */
import { z } from 'zod';
import { rgbImage, type RgbImage } from '../faces/image.js';
import { resizeLanczos } from '../faces/lanczos.js';
import { readDescription } from '../onnx/description.js';
import { OnnxModel, shown, type ModelFile } from '../onnx/model.js';
import { toTensor } from '../onnx/picture-tensor.js';
import type { PictureShape } from '../similarity/luma.js';

/** The JSON file beside the model; every key may be left out where the default fits. */
export const featuresDescriptionSchema = z.strictObject({
  /** Side of the square that the model sees; only for models of free size. */
  side: z.number().int().min(4).max(2048).optional(),
  /** Values of black and white at the input, before mean and deviation. */
  range: z.tuple([z.number(), z.number()]).default([0, 1]),
  channels: z.enum(['rgb', 'bgr']).default('rgb'),
  /** Subtracted per channel, in the model's order. */
  mean: z.array(z.number()).length(3).default([0, 0, 0]),
  /** Divided by, per channel. */
  deviation: z.array(z.number().positive()).length(3).default([1, 1, 1]),
  /** Name of the output; only for models with several. */
  output: z.string().optional(),
});

type Description = z.output<typeof featuresDescriptionSchema>;

const fileOf = (path: string): ModelFile => ({ path, what: 'feature extractor', option: '--extractor' });

export class OnnxFeatures {
  private constructor(
    private readonly model: OnnxModel,
    private readonly description: Description,
    private readonly output: string,
    private readonly width: number,
    private readonly height: number,
  ) {}

  /**
   * A model with one input, float32 [1, 3, height, width], whose output becomes the vector whatever its shape; what its
   * graph does not say stands in a JSON file beside it (featuresDescriptionSchema).
   * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`
   */
  static async open(path: string): Promise<OnnxFeatures> {
    const description = await readDescription(path, featuresDescriptionSchema);
    const model = await OnnxModel.open(fileOf(path));
    try {
      const [input, ...more] = model.inputs;
      const [batch, planes, height, width] = input?.shape ?? [];
      if (!input || more.length > 0 || input.type !== 'float32' || input.shape.length !== 4)
        throw model.fault(
          `expected one input [1, 3, height, width] of float32, got ${model.inputs.map(shown).join(' and ')}`,
        );
      if ((batch ?? 1) !== 1 || (planes ?? 3) !== 3)
        throw model.fault(`expected an input [1, 3, height, width], got ${shown(input)}`);
      const { side } = description;
      const size = { width: width ?? side, height: height ?? side };
      if (size.width === undefined || size.height === undefined)
        throw model.fault('its input is of any size; expected "side" in the description beside it');
      const names = model.outputs.map(({ name }) => name);
      const output = description.output ?? names[0]!;
      if (!names.includes(output) || (names.length > 1 && description.output === undefined))
        throw model.fault(
          `expected "output" in its description to be one of ${names.join(', ')}, got ${description.output ?? 'none'}`,
        );
      return new OnnxFeatures(model, description, output, size.width, size.height);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /**
   * The vector of a picture, uint8 CHW; gray counts as colour, and the size is changed by Lanczos.
   * @throws DatasetError `model-invalid` when the model fails or gives numbers that are not finite
   */
  async of(pixels: Uint8Array, shape: PictureShape): Promise<Float32Array> {
    const { range, channels: order, mean, deviation } = this.description;
    const { width, height } = this;
    const image = interleaved(pixels, shape);
    const fitting =
      image.width === width && image.height === height ? image : resizeLanczos(image, width, height);
    const every = (length: number) => Int32Array.from({ length }, (_, i) => i);
    const part = { columns: every(width), rows: every(height) };
    const input = toTensor(fitting, part, { planes: 3, order, range });
    const area = width * height;
    for (let i = 0; i < input.length; i++) {
      const channel = Math.floor(i / area);
      input[i] = (input[i]! - mean[channel]!) / deviation[channel]!;
    }
    const { data, type } = (await this.model.run(input, [1, 3, height, width]))[this.output]!;
    if (type !== 'float32')
      throw this.model.fault(`expected output "${this.output}" of float32, got ${type}`);
    const vector = Float32Array.from(data as Float32Array);
    if (!vector.every(Number.isFinite))
      throw this.model.fault('expected numbers, got some that are not finite');
    return vector;
  }

  close(): Promise<void> {
    return this.model.close();
  }
}

function interleaved(pixels: Uint8Array, { channels, width, height }: PictureShape): RgbImage {
  const image = rgbImage(width, height);
  const area = width * height;
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) image.data[3 * i + c] = pixels[(channels === 3 ? c * area : 0) + i]!;
  return image;
}
