import * as tf from '../tf.js';
import { requireChannels } from './checks.js';
import { defineOperation, runKernel } from './kernel.js';
import { runTensorflow } from './tensorflow-raw.js';

export type Activation = 'lrelu' | 'relu' | 'linear';

interface ActivationAttrs {
  readonly act: Activation;
  readonly slope: number;
}

/**
 * Adds b [C] over the last axis of x, then applies the activation: `max(slope*y, y)` for 'lrelu'
 * with a slope in (0, 1), `max(0, y)` for 'relu', nothing for 'linear'.
 * @throws EngineError `shape-invalid` when b is not as long as the last axis.
 */
export function biasAct<T extends tf.Tensor>(x: T, b: tf.Tensor1D, act: Activation, slope = 0.2): T {
  requireChannels('biasAct', x, b.size, b);
  return runBiasAct({ x, b }, { act, slope }) as T;
}

/** `max(slope*y, y)` of y = x + b, b [C] over the last axis. */
export function biasLeakyRelu<T extends tf.Tensor>(x: T, b: tf.Tensor1D, slope = 0.2): T {
  return biasAct(x, b, 'lrelu', slope);
}

const runBiasAct = defineOperation<ActivationAttrs>({
  name: 'BiasAct',
  compute: ({ x, b }, { act, slope }, backend) => {
    if (backend === 'tensorflow') {
      const biased = runTensorflow('BiasAdd', [x, b] as tf.Tensor[], {
        data_format: ['TF_ATTR_STRING', 'NHWC'],
      });
      if (act === 'linear') return biased;
      if (act === 'relu') return runTensorflow('Relu', [biased]);
      return runTensorflow('LeakyRelu', [biased], { alpha: ['TF_ATTR_FLOAT', slope] });
    }
    const biased = tf.add(x as tf.Tensor, b as tf.Tensor);
    if (act === 'linear') return biased;
    return act === 'relu' ? tf.relu(biased) : tf.mul(biased, tf.step(biased, slope));
  },
  // The output has the sign of its argument, so it serves as the mask; the argument itself is then
  // used once only, which lets TensorFlow fuse convolution, bias and activation in a replayed graph.
  saveOutput: true,
  gradient: (dy, [y], { act, slope }) => {
    // tfjs asks for x first when it wants both; b then sums what is there already.
    let masked: tf.Tensor | undefined;
    const dx = (): tf.Tensor => {
      masked ??= act === 'linear' ? tf.clone(dy) : runMask({ dy }, { act, slope, y: y as tf.Tensor });
      return masked;
    };
    return { x: dx, b: () => runChannelSum({ x: dx() }, {}) };
  },
});

/**
 * dy where y > 0, slope*dy elsewhere. Linear in dy and its own adjoint. The mask is an attribute, not
 * an input: its derivative is zero almost everywhere, and as an input every second-order pass would
 * carry those zeros through the network.
 */
const runMask = defineOperation<ActivationAttrs & { readonly y: tf.Tensor }>({
  name: 'Mask',
  compute: ({ dy }, { act, slope, y }, backend) => {
    const cotangent = dy as tf.Tensor;
    if (backend !== 'tensorflow') return tf.mul(cotangent, tf.step(y, act === 'relu' ? 0 : slope));
    if (act === 'relu') return runTensorflow('ReluGrad', [cotangent, y]);
    return runTensorflow('LeakyReluGrad', [cotangent, y], { alpha: ['TF_ATTR_FLOAT', slope] });
  },
  gradient: (ddx, _, attrs) => ({ dy: (): tf.Tensor => runMask({ dy: ddx }, attrs) }),
});

/** [..., C] -> [C]: the sum over all axes but the last. */
const runChannelSum = defineOperation<Record<never, never>>({
  name: 'ChannelSum',
  compute: ({ x }, _, backend) => {
    const values = x as tf.Tensor;
    const channels = values.shape.at(-1) as number;
    if (backend === 'tensorflow') {
      return runTensorflow('BiasAddGrad', [values], { data_format: ['TF_ATTR_STRING', 'NHWC'] });
    }
    const leading = values.size / channels;
    if (backend === 'wasm' && values.rank === 4) {
      // One pooling window per sample: ten times faster there than a sum over leading axes.
      const filterSize = [values.shape[1], values.shape[2]];
      const means = runKernel(tf.AvgPool, { x: values }, { filterSize, strides: 1, pad: 'valid' });
      const samples = values.shape[0] as number;
      return tf.mul(tf.sum(tf.reshape(means, [samples, channels]), 0), leading / samples);
    }
    return tf.sum(tf.reshape(values, [leading, channels]), 0);
  },
  saveInputs: ['x'],
  gradient: (dsum, [x]) => ({ x: () => tf.mul(tf.ones((x as tf.Tensor).shape), dsum) }),
});
