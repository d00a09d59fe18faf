/**
 * Layers that only the older version has: ../shared/golden/net/extra_layers.json (1e-4 in float32), and
 * derivatives, which the gradient penalty takes twice.
 */
import { biasAct, minibatchStddev, tf } from '@pggan/engine';
import { describe, expect, it } from 'vitest';
import { rampup } from '../src/index.js';
import { crossEntropy } from '../src/cross-entropy.js';
import { batchNorm, batchStatistics, movedAverages, trainingMode } from '../src/layers/batch-norm.js';
import { layerNorm } from '../src/layers/layer-norm.js';
import {
  biasName,
  minibatchDiscrimination,
  minibatchDiscriminationVariables,
  scaleName,
  startFrom,
} from '../src/layers/minibatch-discrimination.js';
import { onBackends } from './backends.js';
import { expectDerivatives, input } from './derivatives.js';
import { fixture, maxDifference, toNhwc } from './golden.js';

interface Summary {
  readonly shape: number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly first: number[];
  readonly last: number[];
}

const golden = JSON.parse(fixture('extra_layers.json').toString());
const { seed } = golden as { seed: number };

/** The collection's generator: (sum of twelve 16-bit draws) / 65536 - 6 (golden/IMAGEGEN.md). */
function irwinHall(from: number, size: number): Float32Array {
  let state = from >>> 0;
  const draw = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 16;
  return Float32Array.from({ length: size }, () => {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += draw();
    return sum / 65536 - 6;
  });
}

function expectSummary(values: ArrayLike<number>, wanted: Summary): void {
  const array = Array.from(values);
  expect(array.length).toBe(wanted.shape.reduce((a, b) => a * b, 1));
  expect(maxDifference(array.slice(0, wanted.first.length), wanted.first)).toBeLessThan(1e-4);
  expect(maxDifference(array.slice(-wanted.last.length), wanted.last)).toBeLessThan(1e-4);
  const sum = array.reduce((total, value) => total + value, 0);
  const absolute = array.reduce((total, value) => total + Math.abs(value), 0);
  expect(Math.abs(sum - wanted.sum)).toBeLessThan(1e-4 * wanted.abs_sum);
  expect(Math.abs(absolute - wanted.abs_sum)).toBeLessThan(1e-4 * wanted.abs_sum);
}

const images = () => {
  const values = irwinHall(seed + 1, 240).map((value) => value * 2 + 0.5);
  return toNhwc(tf.tensor4d(values, [3, 5, 4, 4]));
};
const nchw = (x: tf.Tensor4D) => tf.transpose(x, [0, 3, 1, 2]).dataSync();

onBackends(['tensorflow', 'wasm', 'cpu'], () => {
  it('layer norm', () => {
    tf.tidy(() => {
      const { gain, before_activation, after_leaky_relu } = golden.layer_norm;
      const bias = tf.tensor1d(irwinHall(seed + 2, 5));
      const y = layerNorm(images(), tf.scalar(gain));
      expectSummary(nchw(biasAct(y, bias, 'linear')), before_activation);
      expectSummary(nchw(biasAct(y, bias, 'lrelu')), after_leaky_relu);
    });
  });

  it('batch norm and its running averages', () => {
    tf.tidy(() => {
      const wanted = golden.batch_norm;
      const weights = {
        'a/gamma': tf.tensor1d(irwinHall(seed + 3, 5).map((value) => value * 0.1 + 1)),
        'a/mean': tf.zeros([5]),
        'a/inv_std': tf.ones([5]),
      };
      const beta = tf.tensor1d(irwinHall(seed + 4, 5));
      const y = batchNorm(images(), 'a', weights, trainingMode);
      expectSummary(nchw(biasAct(y, beta, 'linear')), wanted.out);
      const found = batchStatistics(images());
      expect(maxDifference(found.mean.dataSync(), wanted.batch_mean)).toBeLessThan(1e-4);
      const moved = movedAverages(weights, 'a', found);
      const [mean, invStd] = [
        wanted.running_mean_after_one_update_from_0,
        wanted.running_inv_std_after_one_update_from_1,
      ];
      expect(maxDifference(moved['a/mean']!.dataSync(), mean)).toBeLessThan(1e-5);
      expect(maxDifference(moved['a/inv_std']!.dataSync(), invStd)).toBeLessThan(1e-5);
      // With running averages a sample does not depend on the others.
      const running = { statistics: 'running' } as const;
      const all = batchNorm(images(), 'a', { ...weights, ...moved }, running);
      const one = batchNorm(tf.slice(images(), 1, 1), 'a', { ...weights, ...moved }, running);
      expect(maxDifference(tf.slice(all, 1, 1).dataSync(), one.dataSync())).toBeLessThan(1e-6);
    });
  });

  it('minibatch discrimination and its start from data', () => {
    tf.tidy(() => {
      const wanted = golden.minibatch_discrimination;
      const x = tf.tensor2d(irwinHall(seed + 5, 72), [6, 12]);
      const [theta] = minibatchDiscriminationVariables(12, 10);
      const weights = {
        [theta!.name]: tf.tensor3d(
          irwinHall(seed + 6, 600).map((value) => value * 0.05),
          [12, 10, 5],
        ),
        [scaleName]: tf.tensor2d(
          irwinHall(seed + 7, 50).map((value) => value * 0.1),
          [10, 5],
        ),
        [biasName]: tf.tensor1d(irwinHall(seed + 8, 10).map((value) => value * 0.1 - 1)),
      };
      expectSummary(minibatchDiscrimination(x, weights).dataSync(), wanted.out);
      const started = { ...weights, ...startFrom(x, weights) };
      expectSummary(started[scaleName]!.dataSync(), wanted.after_init.log_weight_scale);
      expect(maxDifference(started[biasName]!.dataSync(), wanted.after_init.bias)).toBeLessThan(1e-4);
      expectSummary(minibatchDiscrimination(x, started).dataSync(), wanted.after_init.out);
    });
  });

  it('standard deviation of the whole minibatch', () => {
    tf.tidy(() => {
      const x = toNhwc(tf.tensor4d(irwinHall(seed + 9, 384), [6, 4, 4, 4]));
      const appended = tf.slice(minibatchStddev(x, 6), [0, 0, 0, 4]).dataSync();
      const wanted = golden.minibatch_stddev_all.appended_value as number;
      appended.forEach((value) => expect(Math.abs(value - wanted)).toBeLessThan(1e-5));
    });
  });

  describe('differentiated twice', () => {
    it('layer norm', () => {
      expectDerivatives(
        (x, gain) => layerNorm(x, gain as tf.Scalar),
        (x, gain) => {
          const y = new Float64Array(x.length);
          for (let n = 0; n < 3; n++) {
            const row = x.subarray(n * 8, n * 8 + 8);
            const mean = row.reduce((a, b) => a + b, 0) / 8;
            const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / 8;
            row.forEach((value, i) => {
              y[n * 8 + i] = ((value - mean) / Math.sqrt(variance + 1e-4)) * gain[0]!;
            });
          }
          return y;
        },
        [input(1, 3, 2, 2, 2), input(2)],
      );
    });

    it('batch norm', () => {
      expectDerivatives(
        (x, gamma) => batchNorm(x as tf.Tensor4D, 'a', { 'a/gamma': gamma }, trainingMode),
        (x, gamma) => {
          const y = new Float64Array(x.length);
          for (let c = 0; c < 2; c++) {
            const map = x.filter((_, i) => i % 2 === c);
            const mean = map.reduce((a, b) => a + b, 0) / map.length;
            const variance = map.reduce((a, b) => a + (b - mean) ** 2, 0) / map.length;
            map.forEach((value, i) => {
              y[2 * i + c] = ((value - mean) / Math.sqrt(variance + 1e-4)) * gamma[c]!;
            });
          }
          return y;
        },
        [input(3, 3, 2, 2, 2), input(4, 2)],
      );
    });

    it('minibatch discrimination', () => {
      const [samples, inputs, kernels] = [4, 3, 2];
      const [theta] = minibatchDiscriminationVariables(inputs, kernels);
      expectDerivatives(
        (x, t, s, b) =>
          minibatchDiscrimination(x as tf.Tensor2D, { [theta!.name]: t, [scaleName]: s, [biasName]: b }),
        (x, t, s, b) => {
          const outputs = kernels * 5;
          const activation = (n: number, o: number) => {
            let [product, squares] = [0, 0];
            for (let i = 0; i < inputs; i++) {
              product += x[n * inputs + i]! * t[i * outputs + o]!;
              squares += t[i * outputs + o]! ** 2;
            }
            return (product * Math.exp(s[o]!)) / Math.sqrt(squares);
          };
          const rows: number[] = [];
          for (let n = 0; n < samples; n++) {
            rows.push(...x.subarray(n * inputs, (n + 1) * inputs));
            for (let k = 0; k < kernels; k++) {
              let close = b[k]!;
              for (let m = 0; m < samples; m++) {
                let distance = n === m ? 1e6 : 0;
                for (let o = 5 * k; o < 5 * k + 5; o++)
                  distance += Math.abs(activation(n, o) - activation(m, o));
                close += Math.exp(-distance);
              }
              rows.push(close);
            }
          }
          return Float64Array.from(rows);
        },
        [input(5, samples, inputs), input(6, inputs, kernels, 5), input(7, kernels, 5), input(8, kernels)],
        3e-4,
      );
    });
  });

  it('cross-entropy: its gradient is softmax - label', () => {
    tf.tidy(() => {
      const labels = [
        [1, 0, 0],
        [0, 0.5, 0.5],
      ];
      const logits = [
        [0.3, -2, 1],
        [1, 2, -1],
      ];
      const gradient = tf.grad((x) => tf.sum(crossEntropy(tf.tensor2d(labels), x as tf.Tensor2D)));
      const got = gradient(tf.tensor2d(logits)).arraySync() as number[][];
      const penalty = crossEntropy(tf.tensor2d(labels), tf.tensor2d(logits)).dataSync();
      logits.forEach((row, n) => {
        const sum = row.reduce((total, value) => total + Math.exp(value), 0);
        row.forEach((value, i) => expect(got[n]![i]).toBeCloseTo(Math.exp(value) / sum - labels[n]![i]!, 5));
        const wanted = row.reduce((total, value, i) => total + labels[n]![i]! * (Math.log(sum) - value), 0);
        expect(penalty[n]).toBeCloseTo(wanted, 5);
      });
    });
  });

  it('cross-entropy of logits in the hundreds is a number', () => {
    tf.tidy(() => {
      const penalty = crossEntropy(tf.tensor2d([[1, 0]]), tf.tensor2d([[-500, 500]]));
      expect(penalty.dataSync()[0]).toBe(1000);
    });
  });
});

it.each(Object.entries(golden.rampup_40_kimg as Record<string, number>))(
  'ramp-up at %s kimg',
  (kimg, wanted) => {
    expect(rampup(40, Number(kimg))).toBeCloseTo(wanted, 12);
  },
);
