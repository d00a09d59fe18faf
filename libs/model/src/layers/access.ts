import { scaleWeight, type tf } from '@pggan/engine';
import type { NetworkConfig } from '../config.js';
import { variable, type Weights } from './weights.js';
import { gains } from './specs.js';

/** Named weights, scaled by the He constant of their layer (facts 1.2), and other variables as they are. */
export function access(weights: Weights, config: Pick<NetworkConfig, 'useWscale'>) {
  return {
    weight<T extends tf.Tensor = tf.Tensor4D>(name: string, gain: number = gains.relu, fanIn?: number): T {
      const raw = variable(weights, `${name}/weight`) as T;
      const inputs = fanIn ?? raw.size / (raw.shape.at(-1) as number);
      return scaleWeight(raw, gain, inputs, config.useWscale);
    },
    bias: (name: string) => variable(weights, `${name}/bias`) as tf.Tensor1D,
  };
}
