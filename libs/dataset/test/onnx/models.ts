/** Small models of known behaviour. */
import { encodeOnnx, onnxTypes, type OnnxOperator, type OnnxWeights } from '@pggan/files';

export interface UpscalerShape {
  readonly planes?: 1 | 3; // default 3
  readonly factor?: number; // default 2
  readonly size?: number; // the only side it takes; default any
  readonly kernels?: readonly number[]; // sides of its convolutions; default one of 1, which repeats pixels
}

/** Reproducible numbers of no pattern, -1 to 1. */
export function noise(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  });
}

/**
 * Convolutions with leaky ReLUs between them, then DepthToSpace. With the default kernels every pixel becomes a square of
 * its colour; with others it becomes noise that depends on all pixels within reach.
 */
export function upscaler({ planes = 3, factor = 2, size, kernels = [1] }: UpscalerShape = {}): Buffer {
  const side = (name: string) => size ?? name;
  const larger = (name: string) => (size === undefined ? name : size * factor);
  const out = planes * factor ** 2;
  const plain = kernels.length === 1 && kernels[0] === 1;
  const weights: OnnxWeights[] = [];
  const operators: OnnxOperator[] = [];
  let [from, depth] = ['picture', planes as number];
  kernels.forEach((kernel, i) => {
    const last = i === kernels.length - 1;
    const width = last ? out : 8;
    const count = width * depth * kernel ** 2;
    const data = plain
      ? Array.from({ length: count }, (_, k) => (k % depth === Math.floor(k / depth) % planes ? 1 : 0))
      : noise(count, i + 7).map((value) => value * Math.sqrt(2 / (depth * kernel ** 2)));
    weights.push({ name: `weights${i}`, shape: [width, depth, kernel, kernel], data });
    operators.push({
      op: 'Conv',
      inputs: [from, `weights${i}`],
      outputs: [`maps${i}`],
      attributes: { kernel_shape: [kernel, kernel], pads: Array(4).fill((kernel - 1) / 2) },
    });
    from = `maps${i}`;
    depth = width;
    if (last) return;
    operators.push({ op: 'LeakyRelu', inputs: [from], outputs: [`active${i}`] });
    from = `active${i}`;
  });
  // CRD is PyTorch's order; DCR has the channels innermost, as the weights above.
  operators.push({
    op: 'DepthToSpace',
    inputs: [from],
    outputs: ['larger'],
    attributes: { blocksize: factor, mode: 'DCR' },
  });
  return encodeOnnx({
    inputs: [{ name: 'picture', shape: [1, planes, side('height'), side('width')] }],
    outputs: [{ name: 'larger', shape: [1, planes, larger('h'), larger('w')] }],
    weights,
    operators,
  });
}

/** Every pixel darkened: what a model for removing artefacts may do. */
export function darkener(): Buffer {
  const shape = [1, 3, 'height', 'width'];
  return encodeOnnx({
    inputs: [{ name: 'picture', shape }],
    outputs: [{ name: 'cleaned', shape }],
    weights: [{ name: 'half', shape: [1], data: [0.5] }],
    operators: [{ op: 'Mul', inputs: ['picture', 'half'], outputs: ['cleaned'] }],
  });
}

/** A model that looks everywhere: what it gives is shifted by the picture's mean. */
export function globalModel(): Buffer {
  const shape = [1, 3, 'height', 'width'];
  return encodeOnnx({
    inputs: [{ name: 'picture', shape }],
    outputs: [{ name: 'shifted', shape }],
    operators: [
      { op: 'GlobalAveragePool', inputs: ['picture'], outputs: ['mean'] },
      { op: 'Sub', inputs: ['picture', 'mean'], outputs: ['shifted'] },
    ],
  });
}

export interface DetectorShape {
  readonly side: number; // of its input
  readonly faces: readonly {
    readonly score: number;
    readonly points: readonly number[]; // five, from the corner of the brightest pixel
    readonly box?: readonly number[]; // where it is, whatever the picture
  }[];
}

/** A detector that takes the brightest value of the picture for the place of all faces. */
export function brightestDetector({ side, faces }: DetectorShape): Buffer {
  const count = faces.length;
  const boxes = faces.flatMap(({ box }) => [...(box ?? [])]);
  return encodeOnnx({
    inputs: [{ name: 'picture', shape: [1, 3, side, side] }],
    outputs: [
      { name: 'points', shape: [count, 5, 2] },
      { name: 'scores', shape: [count] },
      ...(boxes.length > 0 ? [{ name: 'boxes', shape: [count, 4] }] : []),
    ],
    weights: [
      { name: 'line', shape: [2], data: [1, 3 * side * side], type: 'int64' },
      { name: 'plane', shape: [1], data: [side * side], type: 'int64' },
      { name: 'side', shape: [1], data: [side], type: 'int64' },
      { name: 'offsets', shape: [count, 5, 2], data: faces.flatMap(({ points }) => [...points]) },
      ...(boxes.length > 0 ? [{ name: 'places', shape: [count, 4], data: boxes }] : []),
      { name: 'confidence', shape: [count], data: faces.map(({ score }) => score) },
    ],
    operators: [
      { op: 'Reshape', inputs: ['picture', 'line'], outputs: ['flat'] },
      { op: 'ArgMax', inputs: ['flat'], outputs: ['place'], attributes: { axis: 1, keepdims: 1 } },
      { op: 'Mod', inputs: ['place', 'plane'], outputs: ['pixel'] },
      { op: 'Mod', inputs: ['pixel', 'side'], outputs: ['column'] },
      { op: 'Div', inputs: ['pixel', 'side'], outputs: ['row'] },
      { op: 'Concat', inputs: ['column', 'row'], outputs: ['where'], attributes: { axis: 1 } },
      { op: 'Cast', inputs: ['where'], outputs: ['corner'], attributes: { to: onnxTypes.float } },
      { op: 'Add', inputs: ['corner', 'offsets'], outputs: ['points'] },
      { op: 'Identity', inputs: ['confidence'], outputs: ['scores'] },
      ...(boxes.length > 0 ? [{ op: 'Identity', inputs: ['places'], outputs: ['boxes'] }] : []),
    ],
  });
}
