/** How fast a backend is at what training consists of: 3x3 convolutions, their two gradients, matrix products. */
import { performance } from 'node:perf_hooks';
import '../ops/index.js';
import { startEngine, type BackendName } from '../backend/start.js';
import * as tf from '../tf.js';

/** Billions of multiplications and additions a second; undefined where the backend has no such kernel. */
export interface SpeedReport {
  readonly backend: BackendName;
  readonly forward: number | undefined; //         3x3 convolution
  readonly inputGradient: number | undefined; //   of the same convolution
  readonly filterGradient: number | undefined;
  readonly matmul: number | undefined; //          square matrices
}

/** Large enough to keep the backend busy, small enough that plain JavaScript ends in time. */
const SIZES: Record<BackendName, { batch: number; side: number; channels: number; matrix: number }> = {
  tensorflow: { batch: 8, side: 16, channels: 256, matrix: 1024 },
  wasm: { batch: 4, side: 16, channels: 128, matrix: 384 },
  cpu: { batch: 1, side: 8, channels: 16, matrix: 96 },
};

/**
 * Measures one backend for about `seconds` in all and leaves it the current one.
 * @throws EngineError when the backend cannot run
 */
export async function speedCheck(backend: BackendName, seconds = 2): Promise<SpeedReport> {
  await startEngine({ backend });
  const { batch, side, channels, matrix } = SIZES[backend];
  const x = tf.randomNormal<tf.Rank.R4>([batch, side, side, channels], 0, 1, 'float32', 1);
  const filter = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels], 0, 1, 'float32', 2);
  const a = tf.randomNormal<tf.Rank.R2>([matrix, matrix], 0, 1, 'float32', 3);
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
  const kernel = (name: string, inputs: Record<string, tf.Tensor>, more: object = {}) => {
    return () => tf.engine().runKernel(name, inputs, { ...attributes, ...more } as never) as tf.Tensor;
  };
  const convolution = 2 * batch * side ** 2 * 9 * channels ** 2;
  const share = seconds / 4;
  try {
    return {
      backend,
      forward: rate(kernel('Conv2D', { x, filter }), convolution, share),
      inputGradient: rate(
        kernel('Conv2DBackpropInput', { dy: x, filter }, { inputShape: x.shape }),
        convolution,
        share,
      ),
      filterGradient: rate(
        kernel('Conv2DBackpropFilter', { x, dy: x }, { filterShape: filter.shape }),
        convolution,
        share,
      ),
      matmul: rate(() => tf.matMul(a, a), 2 * matrix ** 3, share),
    };
  } finally {
    tf.dispose([x, filter, a]);
  }
}

/** Runs after one warm-up until the time is up; reading one number back waits for the result. */
function rate(run: () => tf.Tensor, operations: number, seconds: number): number | undefined {
  const once = () => {
    const result = run();
    result.dataSync();
    result.dispose();
  };
  try {
    once();
  } catch (error) {
    if (/Kernel '.*' not registered/.test((error as Error).message)) return undefined;
    throw error;
  }
  const start = performance.now();
  let runs = 0;
  let elapsed: number;
  do {
    once();
    runs++;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < seconds);
  return (operations * runs) / elapsed / 1e9;
}
