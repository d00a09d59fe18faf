/**
 * Every op on every backend of this machine: value, gradient and second gradient against the slow
 * twin on the same backend, and against central differences of a float64 oracle.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import * as ops from '../src/index.js';
import { availableBackends, startEngine, tf } from '../src/index.js';
import * as oracle from './helpers/oracle.js';
import { along, differences, differentiate, type Op, randomPoint, relativeError } from './helpers/probe.js';

// Float32 sums of a few hundred terms in another order: 1e-5 of the largest entry was the most seen.
const TWIN_TOLERANCE = 5e-5;
// The differences carry about 1e-7 of their own; the rest is float32 rounding, relative to the sum of magnitudes.
const DIFFERENCE_TOLERANCE = 5e-5;

interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly fast: unknown;
  readonly twin: unknown;
  readonly oracle: oracle.Oracle;
  readonly margin?: number; // keeps inputs this far from zero, where the op has a corner
}

const { reference } = ops;
const cases: Case[] = [
  ...[
    ['3x3', [3, 5, 7, 3], [3, 3, 3, 2]],
    ['3x3 on one pixel', [2, 1, 1, 5], [3, 3, 5, 4]],
    ['3x3, 16 samples, 4x4', [16, 4, 4, 6], [3, 3, 6, 5]],
    ['1x1', [2, 4, 6, 3], [1, 1, 3, 7]],
    ['1x1 to fewer', [2, 4, 6, 7], [1, 1, 7, 3]],
    ['5x5', [1, 6, 4, 2], [5, 5, 2, 3]],
  ].map(([name, x, w]) => ({
    name: `conv2d ${name as string}`,
    shapes: [x as number[], w as number[]],
    fast: ops.conv2d,
    twin: reference.conv2d,
    oracle: oracle.conv2d,
  })),
  ...[
    ['3x3', [3, 3, 5, 4], [3, 3, 2, 4]],
    ['3x3 on one pixel', [2, 1, 1, 3], [3, 3, 2, 3]],
    ['3x3, 8 samples, 4x4', [8, 4, 4, 5], [3, 3, 6, 5]],
    ['1x1', [2, 3, 2, 3], [1, 1, 4, 3]],
  ].map(([name, x, w]) => ({
    name: `upscaleConv2d ${name as string}`,
    shapes: [x as number[], w as number[]],
    fast: ops.upscaleConv2d,
    twin: reference.upscaleConv2d,
    oracle: oracle.upscaleConv2d,
  })),
  ...[
    ['3x3', [3, 6, 10, 4], [3, 3, 4, 2]],
    ['3x3 to one pixel', [2, 2, 2, 3], [3, 3, 3, 2]],
    ['3x3, 8 samples, 8x8', [8, 8, 8, 5], [3, 3, 5, 6]],
    ['1x1', [2, 4, 6, 3], [1, 1, 3, 4]],
  ].map(([name, x, w]) => ({
    name: `convDownscale2d ${name as string}`,
    shapes: [x as number[], w as number[]],
    fast: ops.convDownscale2d,
    twin: reference.convDownscale2d,
    oracle: oracle.convDownscale2d,
  })),
  {
    name: 'dense',
    shapes: [[5, 7], [7, 3]], // prettier-ignore
    fast: ops.dense,
    twin: reference.dense,
    oracle: oracle.dense,
  },
  ...(['lrelu', 'relu', 'linear'] as const).flatMap((act) =>
    [
      [3, 4, 5, 6],
      [4, 6],
    ].map((shape) => ({
      name: `biasAct ${act}, rank ${shape.length}`,
      shapes: [shape, [6]],
      fast: (x: tf.Tensor, b: tf.Tensor1D) => ops.biasAct(x, tf.mul(b, 0.3), act),
      twin: (x: tf.Tensor, b: tf.Tensor1D) => reference.biasAct(x, tf.mul(b, 0.3), act),
      oracle: (x: oracle.Grid, b: oracle.Grid) =>
        oracle.biasAct({ lrelu: 0.2, relu: 0, linear: 1 }[act])(x, {
          shape: b.shape,
          data: b.data.map((value) => value * 0.3),
        }),
      margin: 0.4,
    })),
  ),
  {
    name: 'biasLeakyRelu, slope 0.1',
    shapes: [[2, 3, 3, 4], [4]],
    fast: (x: tf.Tensor, b: tf.Tensor1D) => ops.biasLeakyRelu(tf.mul(x, 4), b, 0.1),
    twin: (x: tf.Tensor, b: tf.Tensor1D) => reference.biasAct(tf.mul(x, 4), b, 'lrelu', 0.1),
    oracle: (x, b) => oracle.biasAct(0.1)({ shape: x.shape, data: x.data.map((value) => value * 4) }, b),
    margin: 0.4,
  },
  ...[
    [2, 3, 5, 6],
    [4, 9],
  ].map((shape) => ({
    name: `pixelNorm, rank ${shape.length}`,
    shapes: [shape],
    fast: (x: tf.Tensor) => ops.pixelNorm(x),
    twin: (x: tf.Tensor) => reference.pixelNorm(x),
    oracle: oracle.pixelNorm(1e-8),
  })),
  {
    name: 'pixelNorm, epsilon 0.1',
    shapes: [[2, 2, 2, 3]],
    fast: (x: tf.Tensor) => ops.pixelNorm(x, 0.1),
    twin: (x: tf.Tensor) => reference.pixelNorm(x, 0.1),
    oracle: oracle.pixelNorm(0.1),
  },
  ...[1, 2, 3, 4].flatMap((factor) => [
    {
      name: `upscale2d by ${factor}`,
      shapes: [[2, 3, 5, 3]],
      fast: (x: tf.Tensor4D) => ops.upscale2d(x, factor),
      twin: (x: tf.Tensor4D) => reference.upscale2d(x, factor),
      oracle: oracle.upscale(factor),
    },
    {
      name: `downscale2d by ${factor}`,
      shapes: [[2, 3 * factor, 2 * factor, 3]],
      fast: (x: tf.Tensor4D) => ops.downscale2d(x, factor),
      twin: (x: tf.Tensor4D) => reference.downscale2d(x, factor),
      oracle: oracle.downscale(factor),
    },
  ]),
  ...[
    [8, 4],
    [6, 3],
    [2, 4], // fewer samples than a group: one group of all
    [4, 4],
    [3, 1], // groups of one: no deviation
  ].map(([n, groupSize]) => ({
    name: `minibatchStddev, ${n} samples in groups of ${groupSize}`,
    shapes: [[n!, 2, 3, 4]],
    fast: (x: tf.Tensor4D) => ops.minibatchStddev(x, groupSize!),
    twin: (x: tf.Tensor4D) => reference.minibatchStddev(x, groupSize!),
    oracle: oracle.minibatchStddev(groupSize!),
  })),
  {
    name: 'lerp, t a scalar tensor',
    shapes: [[2, 3, 3, 2], [2, 3, 3, 2], []],
    fast: ops.lerp,
    twin: reference.lerp,
    oracle: oracle.lerp,
  },
  {
    name: 'scaleWeight',
    shapes: [[3, 3, 2, 4]],
    fast: (w: tf.Tensor) => ops.scaleWeight(w, Math.SQRT2, 18, true),
    twin: (w: tf.Tensor) => reference.scaleWeight(w, Math.SQRT2, 18, true),
    oracle: (w) => ({ shape: w.shape, data: w.data.map((value) => value / 3) }),
  },
  ...(['exp', 'tanh'] as const).map((name) => ({
    name,
    shapes: [[2, 3, 4]],
    fast: (x: tf.Tensor) => ops[name](tf.mul(x, 2)),
    twin: (x: tf.Tensor) => reference[name](tf.mul(x, 2)),
    oracle: (x: oracle.Grid) => ({ shape: x.shape, data: x.data.map((value) => Math[name](2 * value)) }),
  })),
];

describe.each(await availableBackends())('on %s', (backend) => {
  beforeAll(async () => {
    await startEngine({ backend });
  });

  describe.each(cases)('$name', ({ shapes, fast, twin, oracle, margin = 0 }) => {
    const point = randomPoint(shapes, shapes.flat().reduce((a, b) => a * 7 + b, 1) % 1000, margin);

    it('agrees with its twin in value, gradient and second gradient', () => {
      const actual = differentiate(fast as Op, point);
      const expected = differentiate(twin as Op, point);
      expect(relativeError(actual.value, expected.value), 'value').toBeLessThan(TWIN_TOLERANCE);
      shapes.forEach((_, i) => {
        const name = (what: string) => `${what} with respect to input ${i}`;
        expect(relativeError(actual.gradients[i]!, expected.gradients[i]!), name('gradient')).toBeLessThan(
          TWIN_TOLERANCE,
        );
        expect(relativeError(actual.second[i]!, expected.second[i]!), name('second gradient')).toBeLessThan(
          TWIN_TOLERANCE,
        );
      });
    });

    it('agrees with float64 loops and their central differences', () => {
      const { value, gradients, second } = differentiate(fast as Op, point);
      const { slope, curvature } = differences(oracle, point);
      expect(relativeError(value, oracle(...point.inputs).data)).toBeLessThan(TWIN_TOLERANCE);
      const first = along(gradients, point.u);
      expect(Math.abs(first.dot - slope)).toBeLessThan(DIFFERENCE_TOLERANCE * first.scale);
      const bend = along(second, point.v);
      expect(Math.abs(bend.dot - curvature)).toBeLessThan(DIFFERENCE_TOLERANCE * bend.scale + 1e-6);
    });
  });

  it('returns the weight itself without equalised learning rate', () => {
    const w = tf.ones([2, 2]);
    expect(ops.scaleWeight(w, 2, 4, false)).toBe(w);
  });

  it('says what does not fit', () => {
    const images = (shape: [number, number, number, number]) => tf.zeros<tf.Rank.R4>(shape);
    expect(() => ops.minibatchStddev(images([6, 4, 4, 2]), 4)).toThrow(
      'minibatchStddev: the minibatch must be a multiple of 4, got 6 (x has shape [6, 4, 4, 2]).',
    );
    expect(() => ops.downscale2d(images([1, 5, 4, 2]), 2)).toThrow(
      'downscale2d: height must be a multiple of 2, got 5 (x has shape [1, 5, 4, 2]).',
    );
    expect(() => ops.convDownscale2d(images([1, 4, 3, 2]), images([3, 3, 2, 2]))).toThrow(
      'convDownscale2d: width must be a multiple of 2, got 3 (x has shape [1, 4, 3, 2]).',
    );
    expect(() => ops.conv2d(images([1, 4, 4, 3]), images([3, 3, 2, 5]))).toThrow(
      'conv2d: x must have 2 channels on its last axis to match the weight of shape [3, 3, 2, 5], got shape [1, 4, 4, 3].',
    );
    expect(() => ops.upscaleConv2d(images([1, 4, 4, 3]), images([3, 3, 3, 2]))).toThrow(
      expect.objectContaining({ code: 'shape-invalid' }),
    );
  });
});
