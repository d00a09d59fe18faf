/** Enlargement and cleaning by an ONNX model, in the thread that opens it. */
import { OnnxModel, onnxRuntimeVersion, readModel, shown, type ModelFile } from '@pggan/onnx';
import { rgbImage, type RgbImage } from '../faces/image.js';
import { resizeLanczos } from '../faces/lanczos.js';
import { sha256Of } from '../sha256.js';
import { onnxFault } from '../onnx/fault.js';
import {
  planEnhancer,
  readEnhancerDescription,
  type EnhancerDescription,
  type EnhancerPlan,
} from './description.js';
import type { Enhancer } from './enhancer.js';
import { fromTensor, isGray, makeGray, toTensor } from '../onnx/picture-tensor.js';
import { mirroredLine, tileSpans, type Span } from './tiles.js';

const fileOf = (path: string): ModelFile => ({
  path,
  what: 'enhancer',
  option: '--enhancer',
  fault: onnxFault,
});

/** Side of the picture that tells the factor of a model for pictures of any size; every model takes a multiple of it. */
const probeSide = 32;

/**
 * Hash of what decides the results of the model at `path`: its bytes, its description and ONNX Runtime's version.
 * Across processors the last bits of sums may differ, and with them now and then a level of a pixel.
 * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`
 */
export async function onnxEnhancerHash(path: string): Promise<string> {
  return hashOf(await readModel(fileOf(path)), await readEnhancerDescription(path));
}

function hashOf(model: Buffer, description: EnhancerDescription): string {
  const parts = { model: sha256Of(model), description, onnxruntime: onnxRuntimeVersion(onnxFault) };
  return sha256Of(JSON.stringify(parts));
}

/** Tiles along one direction, and where the pixels of each come from in the picture. */
interface Axis {
  readonly spans: readonly Span[];
  readonly line: Int32Array;
  readonly before: number; // pixels of mirror image before the picture
}

function axis(length: number, fixed: number | undefined, { multiple, overlap, tile }: EnhancerPlan): Axis {
  const whole = Math.max(Math.ceil(length / multiple) * multiple, fixed ?? 0);
  const before = fixed === undefined ? 0 : Math.floor((whole - length) / 2);
  return {
    spans: tileSpans(whole, { most: fixed ?? tile, overlap, step: multiple }),
    line: mirroredLine(length, whole, before),
    before,
  };
}

/** The kept part of a tile, in pixels of the picture. */
function kept(span: Span, { before }: Axis, length: number): readonly [from: number, to: number] {
  return [Math.max(span.keepFrom - before, 0), Math.min(span.keepTo - before, length)];
}

export class OnnxEnhancer implements Enhancer {
  private constructor(
    readonly name: string,
    readonly factor: number,
    readonly hash: string,
    private readonly model: OnnxModel,
    private readonly plan: EnhancerPlan,
  ) {}

  /**
   * A model with one input and one output, float32 [1, planes, height, width]: three planes are RGB, one is luma, black
   * is 0 and white 1, of any size or of one; what differs stands in a JSON file beside it (enhancerDescriptionSchema).
   * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`
   */
  static async open(path: string): Promise<OnnxEnhancer> {
    const description = await readEnhancerDescription(path);
    const model = await OnnxModel.open(fileOf(path));
    try {
      const plan = planEnhancer(model, description);
      const factor = await measureFactor(model, plan);
      if (description.factor !== undefined && description.factor !== factor)
        throw model.fault(
          `expected an enlargement by ${description.factor}, as its description says, got ${factor}`,
        );
      const name = `${path.replace(/^.*[/\\]/, '')} x${factor}`;
      return new OnnxEnhancer(name, factor, hashOf(model.bytes, description), model, plan);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /**
   * In tiles where the picture is larger than those, with the same result: what a tile shows beyond its middle is at
   * least as wide as the model looks. Memory is that of one tile in the model and of the 8-bit pictures.
   * @throws DatasetError `model-invalid` when the model fails or gives what is no picture
   */
  async enhance(image: RgbImage): Promise<RgbImage> {
    const { factor, plan } = this;
    const { width, height } = image;
    const out = this.#canvas(image);
    const x = axis(width, plan.fixed?.width, plan);
    const y = axis(height, plan.fixed?.height, plan);
    for (const down of y.spans) {
      const rows = y.line.subarray(down.from, down.to);
      const [top, bottom] = kept(down, y, height);
      for (const across of x.spans) {
        const columns = x.line.subarray(across.from, across.to);
        const [left, right] = kept(across, x, width);
        const values = await this.#run(toTensor(image, { columns, rows }, plan), columns.length, rows.length);
        const place = {
          fromX: (left + x.before - across.from) * factor,
          fromY: (top + y.before - down.from) * factor,
          toX: left * factor,
          toY: top * factor,
          width: (right - left) * factor,
          height: (bottom - top) * factor,
        };
        if (!fromTensor(values, columns.length * factor, out, place, plan))
          throw this.model.fault(
            `expected numbers, got some that are not finite on a ${width}x${height} picture`,
          );
      }
    }
    if (plan.planes === 3 && isGray(image)) makeGray(out);
    return out;
  }

  /** What the result is written on: for luma the colours. */
  #canvas(image: RgbImage): RgbImage {
    const [width, height] = [image.width * this.factor, image.height * this.factor];
    if (this.plan.order !== 'luma') return rgbImage(width, height);
    return this.factor === 1
      ? rgbImage(width, height, image.data.slice())
      : resizeLanczos(image, width, height);
  }

  async #run(input: Float32Array, width: number, height: number): Promise<Float32Array> {
    const { data, factor } = await runOnPicture(this.model, this.plan, input, width, height);
    if (factor !== this.factor)
      throw this.model.fault(
        `expected an enlargement by ${this.factor}, got ${factor} on ${width}x${height}`,
      );
    return data;
  }

  close(): Promise<void> {
    return this.model.close();
  }
}

async function measureFactor(model: OnnxModel, plan: EnhancerPlan): Promise<number> {
  const side = Math.ceil(probeSide / plan.multiple) * plan.multiple;
  const { width, height } = plan.fixed ?? { width: side, height: side };
  const gray = new Float32Array(plan.planes * width * height).fill((plan.range[0] + plan.range[1]) / 2);
  return (await runOnPicture(model, plan, gray, width, height)).factor;
}

/** The planes that the model makes of a picture, and the enlargement that these are. */
async function runOnPicture(
  model: OnnxModel,
  { planes }: EnhancerPlan,
  input: Float32Array,
  width: number,
  height: number,
): Promise<{ readonly data: Float32Array; readonly factor: number }> {
  const outputs = await model.run(input, [1, planes, height, width]);
  const { dims, type, data } = outputs[model.outputs[0]!.name]!;
  const factor = dims[3]! / width;
  const fits = dims.length === 4 && dims[0] === 1 && dims[1] === planes && dims[2] === height * factor;
  if (type !== 'float32' || !fits || !Number.isInteger(factor) || factor < 1)
    throw model.fault(
      `expected [1, ${planes}, ${height} * factor, ${width} * factor] of float32 for ${width}x${height} pixels, ` +
        `got ${shown({ type, shape: dims })}`,
    );
  return { data: data as Float32Array, factor };
}
