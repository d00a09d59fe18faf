/** What a step costs, counted from the shapes of the networks: how resolutions compare, not seconds. */
import { featureMaps, type NetworkConfig } from '../config.js';
import type { TrainingOptions } from '../options.js';
import { activeNames, discriminatorVariables, generatorVariables, type VariableSpec } from '../variables.js';

/** Bytes of a float32. */
const float = 4;

/** Multiply-adds of one pass of one image through G or D at `resolution` (they mirror each other). */
export function passMacs(network: NetworkConfig, resolution: number): number {
  const pixels = network.baseWidth * network.baseHeight;
  let macs = 0;
  for (let block = 2; 2 ** block <= resolution; block++) {
    const outer = featureMaps(network, block - 1);
    const inner = featureMaps(network, block - 2);
    // A 3x3 convolution, and a 4x4 one with stride 2 (4 taps per pixel of the larger side).
    macs += 4 ** (block - 2) * pixels * outer * (9 * outer + 4 * inner);
  }
  return macs;
}

/** Numbers that the layers of G or D put out for one image at `resolution`. */
export function passValues(network: NetworkConfig, resolution: number): number {
  const pixels = network.baseWidth * network.baseHeight;
  let values = 0;
  for (let block = 2; 2 ** block <= resolution; block++) {
    const outer = featureMaps(network, block - 1);
    const inner = featureMaps(network, block - 2);
    // fromRGB or the second convolution, the first convolution, the resampling one.
    values += 4 ** (block - 2) * pixels * (2 * outer + inner / 4);
  }
  return values;
}

/**
 * Values held at the worst moment of a step, in multiples of {@link passValues}: reals, fakes and mixed
 * images through D with what their gradients need, the penalty's gradient and its gradient. Measured
 * with TensorFlow on a CPU, where recording a step eagerly holds all of it at once.
 */
const heldPasses = 24;

/** Copies of both networks' weights that a step makes: scaled, fused, gradients, the next state. */
const heldCopies = 6;

export interface MemoryEstimate {
  /** Bytes however many images are computed at a time: the state, and what a step makes of weights. */
  readonly fixed: number;
  /** Bytes more for every image computed at a time. */
  readonly perImage: number;
}

/**
 * Bytes that training takes at a resolution, the program itself not included. An estimate from shapes
 * alone, good to a factor of about two; measureRun corrects it by what it measures.
 */
export function estimateMemory(options: TrainingOptions, resolution: number): MemoryEstimate {
  const { network } = options;
  const level = Math.log2(network.resolution / resolution);
  const { G, D } = phaseParameters(network, level, true);
  return {
    fixed: stateBytes(options) + heldCopies * float * (G + D),
    perImage: heldPasses * float * passValues(network, resolution),
  };
}

/** Bytes of a whole training state, and of its snapshot: G, D, Gs and all moments, once everything has grown. */
export function stateBytes({ network }: Pick<TrainingOptions, 'network'>): number {
  const [G, D] = [generatorVariables(network), discriminatorVariables(network)];
  const moments = countNumbers(G.filter(isTrainable)) + countNumbers(D.filter(isTrainable));
  return float * (2 * countNumbers(G) + countNumbers(D) + 2 * moments);
}

/** Trainable numbers of both networks that a level of detail uses. */
export function phaseParameters(
  network: NetworkConfig,
  level: number,
  fading: boolean,
): { readonly G: number; readonly D: number } {
  const count = (specs: readonly VariableSpec[]) => {
    const active = new Set(activeNames(specs, network, level, fading));
    return countNumbers(specs.filter(({ name }) => active.has(name)));
  };
  return { G: count(generatorVariables(network)), D: count(discriminatorVariables(network)) };
}

const isTrainable = ({ trainable }: VariableSpec) => trainable;

function countNumbers(specs: readonly VariableSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
