/**
 * The multiplicative Gaussian noise that keeps LSGAN from escalating (paper, appendix B): the more
 * certain D is of the fakes, the more of it reaches the inputs of D's convolutions.
 */
import { tf } from '@pggan/engine';
import { highestBlock, type NetworkConfig } from '../config.js';
import type { VariableSpec } from './specs.js';

/** Normal numbers [N, noiseMaps] and the strength that they are multiplied with. */
export interface DiscriminatorNoise {
  readonly normals: tf.Tensor2D;
  readonly strength: tf.Scalar;
}

/** Multiplies the input of one convolution after another by 1 + strength * sqrt(maps) * normal. */
export type NoiseGate = (x: tf.Tensor4D) => tf.Tensor4D;

/** A gate that deals out the normals in the order it is called: one per sample and map. */
export function noiseGate(noise: DiscriminatorNoise | null): NoiseGate {
  if (noise === null) return (x) => x;
  let start = 0;
  return (x) => {
    const [samples, , , maps] = x.shape;
    const own = tf.reshape(tf.slice(noise.normals, [0, start], [samples, maps]), [samples, 1, 1, maps]);
    start += maps;
    return tf.mul(x, tf.add(1, tf.mul(own, tf.mul(noise.strength, Math.sqrt(maps)))));
  };
}

/** Layers that score; D's other dense layer counts as a convolution of the size of the base. */
const scoring = /\/(Dense|Dense1)\/weight$/;

/** Normals per sample that the gate deals out at a level of detail: the maps that D's convolutions take. */
export function noiseMaps(specs: readonly VariableSpec[], config: NetworkConfig, level: number): number {
  const top = highestBlock(config) - level;
  const pixels = config.baseWidth * config.baseHeight;
  return specs
    .filter(({ name, rgb, block }) => !rgb && block <= top && name.endsWith('/weight') && !scoring.test(name))
    .reduce((sum, { shape }) => sum + (shape.length === 4 ? shape[2]! : shape[0]! / pixels), 0);
}
