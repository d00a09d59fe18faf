import * as tf from '../tf.js';
import type { ConvAttrs } from './conv-gradients.js';
import { runKernel } from './kernel.js';
import { convInfo, type Kernel, type Shape4D } from './wasm-conv-info.js';

/**
 * I(dy, w): for every residue of the output position modulo the stride, a stride 1 convolution of
 * dy with the taps that reach such positions, mirrored and with in and out swapped; the results are
 * interleaved. Stride 1 is the case of one residue.
 */
export function inputGradient(original: Kernel): Kernel {
  return (call) => {
    const { dy, filter } = call.inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { inputShape, ...conv } = call.attrs as unknown as ConvAttrs & { inputShape: Shape4D };
    const info = convInfo(inputShape, filter.shape, conv);
    const rows = residues(inputShape[1], dy.shape[1], filter.shape[0], info.padInfo.top, info.strideHeight);
    const columns = residues(
      inputShape[2],
      dy.shape[2],
      filter.shape[1],
      info.padInfo.left,
      info.strideWidth,
    );
    if (rows === null || columns === null) return original(call);
    return tf.tidy(() => {
      const flipped = mirroredTaps(filter, rows, columns);
      const size = rows[0].taps.length * columns[0].taps.length;
      const parts = rows.map((row, i) =>
        columns.map((column, j) => {
          const taps = tf.slice(flipped, [(i * columns.length + j) * size, 0, 0], [size, -1, -1]);
          return runKernel(
            tf.Conv2D,
            {
              x: dy,
              filter: tf.reshape(taps, [
                row.taps.length,
                column.taps.length,
                filter.shape[3],
                filter.shape[2],
              ]),
            },
            {
              strides: 1,
              pad: [[0, 0], row.pad, column.pad, [0, 0]],
              dataFormat: 'NHWC',
              dilations: 1,
            },
          );
        }),
      );
      return interleave(parts, inputShape);
    });
  };
}

/** The taps that reach outputs of one residue, nearest dy first, and the padding dy needs for them. */
interface Residue {
  readonly taps: readonly number[];
  readonly pad: readonly [number, number];
}

/**
 * Output position stride*i + a receives tap t from dy at i + (a + near - t) / stride. Null where the
 * residues would differ in length or need negative padding; the caller then has another way.
 */
function residues(
  size: number,
  outputs: number,
  taps: number,
  near: number,
  stride: number,
): readonly [Residue, ...Residue[]] | null {
  if (size % stride !== 0 || taps % stride !== 0) return null;
  const perResidue = size / stride;
  const found = Array.from({ length: stride }, (_, a): Residue => {
    const first = (a + near) % stride;
    const own = Array.from({ length: taps / stride }, (_, i) => first + stride * i).reverse();
    const offset = (tap: number): number => (a + near - tap) / stride;
    const lowest = offset(own[0] as number);
    const highest = offset(own.at(-1) as number);
    return { taps: own, pad: [-lowest, perResidue - 1 + highest - (outputs - 1)] };
  });
  if (found.some(({ pad: [start, end] }) => start < 0 || end < 0)) return null;
  return found as unknown as readonly [Residue, ...Residue[]];
}

/** [k*l, out, in]: the taps in the order the residues want them. A product is faster than a gather here. */
function mirroredTaps(
  filter: tf.Tensor4D,
  rows: readonly Residue[],
  columns: readonly Residue[],
): tf.Tensor3D {
  const [k, l, inputs, outputs] = filter.shape;
  const order = rows.flatMap((row) =>
    columns.flatMap((column) => row.taps.flatMap((r) => column.taps.map((c) => r * l + c))),
  );
  const permutation = new Float32Array(order.length * k * l);
  order.forEach((tap, i) => (permutation[i * k * l + tap] = 1));
  const flat = tf.reshape<tf.Rank.R2>(filter, [k * l, inputs * outputs]);
  const ordered = order.length === 1 ? flat : tf.matMul(tf.tensor2d(permutation, [k * l, k * l]), flat);
  return tf.transpose(tf.reshape<tf.Rank.R3>(ordered, [k * l, inputs, outputs]), [0, 2, 1]);
}

/** Puts part [a][b] at the rows a mod stride and columns b mod stride. */
function interleave(parts: readonly (readonly tf.Tensor[])[], shape: Shape4D): tf.Tensor {
  const [n, height, width, channels] = shape;
  const rows = parts.map((row) => {
    const joined = row.length === 1 ? (row[0] as tf.Tensor) : tf.concat([...row], 3);
    return tf.reshape(joined, [(n * height) / parts.length, 1, width * channels]);
  });
  return tf.reshape(rows.length === 1 ? (rows[0] as tf.Tensor) : tf.concat(rows, 1), shape);
}
