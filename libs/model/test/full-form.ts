/**
 * The networks as the paper draws them: every block evaluated at full size and all outputs blended
 * by clamped weights (facts 1.5, first form of each). Slow and obvious; plain ops.
 */
import { reference, tf } from '@pggan/engine';
import type { NetworkConfig, Weights } from '../src/index.js';

const { conv2d, convDownscale2d, downscale2d, lerp, minibatchStddev, pixelNorm, upscaleConv2d } = reference;
const clamp = (t: number) => Math.min(Math.max(t, 0), 1);

function parts(weights: Weights) {
  const scaled = (name: string, gain: number, fanIn: number) =>
    tf.mul(weights[`${name}/weight`]!, gain / Math.sqrt(fanIn));
  const bias = (x: tf.Tensor, name: string) => tf.add(x, weights[`${name}/bias`]!);
  const lrelu = (x: tf.Tensor) => reference.biasAct(x, tf.zeros([x.shape.at(-1)!]), 'lrelu');
  const conv = (x: tf.Tensor, name: string, gain = Math.SQRT2) => {
    const [height, width, inputs] = weights[`${name}/weight`]!.shape as [number, number, number];
    const w = scaled(name, gain, height * width * inputs) as tf.Tensor4D;
    return bias(conv2d(x as tf.Tensor4D, w), name);
  };
  return { scaled, bias, lrelu, conv };
}

export function fullGenerator(
  weights: Weights,
  config: NetworkConfig,
  latents: tf.Tensor2D,
  lod: number,
): tf.Tensor4D {
  const { scaled, bias, lrelu, conv } = parts(weights);
  const R = Math.log2(config.resolution);
  const norm = (x: tf.Tensor) => pixelNorm(x);
  const first = tf.matMul(
    norm(latents),
    scaled('4x4/Dense', Math.SQRT2 / 4, config.latentSize) as tf.Tensor2D,
  );
  const maps = first.shape[1]! / 16;
  let x: tf.Tensor = tf.transpose(tf.reshape(first, [-1, maps, 4, 4]), [0, 2, 3, 1]);
  x = norm(lrelu(bias(x, '4x4/Dense')));
  x = norm(lrelu(conv(x, '4x4/Conv')));
  let images = conv(x, `ToRGB_lod${R - 2}`, 1);
  for (let r = 3; r <= R; r++) {
    const name = `${2 ** r}x${2 ** r}`;
    const w = scaled(`${name}/Conv0_up`, Math.SQRT2, 9 * x.shape[3]!) as tf.Tensor4D;
    x = norm(lrelu(bias(upscaleConv2d(x as tf.Tensor4D, w), `${name}/Conv0_up`)));
    x = norm(lrelu(conv(x, `${name}/Conv1`)));
    images = lerp(
      conv(x, `ToRGB_lod${R - r}`, 1),
      reference.upscale2d(images as tf.Tensor4D),
      clamp(lod - (R - r)),
    );
  }
  return images as tf.Tensor4D;
}

export function fullDiscriminator(
  weights: Weights,
  config: NetworkConfig,
  images: tf.Tensor4D,
  lod: number,
): tf.Tensor2D {
  const { scaled, bias, lrelu, conv } = parts(weights);
  const R = Math.log2(config.resolution);
  let image = images;
  let x = lrelu(conv(image, 'FromRGB_lod0'));
  for (let r = R; r > 2; r--) {
    const name = `${2 ** r}x${2 ** r}`;
    x = lrelu(conv(x, `${name}/Conv0`));
    const w = scaled(`${name}/Conv1_down`, Math.SQRT2, 9 * x.shape[3]!) as tf.Tensor4D;
    x = lrelu(bias(convDownscale2d(x as tf.Tensor4D, w), `${name}/Conv1_down`));
    image = downscale2d(image);
    x = lerp(x, lrelu(conv(image, `FromRGB_lod${R - r + 1}`)), clamp(lod - (R - r)));
  }
  x = lrelu(conv(minibatchStddev(x as tf.Tensor4D, Number(config.mbstdGroupSize)), '4x4/Conv'));
  const flat = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0]!, -1]);
  const dense = (y: tf.Tensor, name: string, gain: number) =>
    bias(tf.matMul(y as tf.Tensor2D, scaled(name, gain, y.shape[1]!) as tf.Tensor2D), name);
  return dense(lrelu(dense(flat, '4x4/Dense0', Math.SQRT2)), '4x4/Dense1', 1) as tf.Tensor2D;
}
