import { tf } from '@pggan/engine';
import { featureMaps, highestBlock, type NetworkConfig } from './config.js';
import { ModelError } from './errors.js';

/** Trainable variables of one network by their official names and in their official layouts. */
export type Weights = Record<string, tf.Tensor>;

/** One trainable variable (facts 1.2). */
export interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of a fresh weight as the layer uses it, gain / sqrt(fan-in); 0 for biases. */
  readonly std: number;
  /** log2 of the resolution it works at. */
  readonly block: number;
  /** toRGB and fromRGB serve one resolution only; block layers serve every higher one too. */
  readonly rgb: boolean;
}

/** Gains of facts 1.2. The 4x4 dense layer of G counts as a 4x4 full convolution. */
export const gains = {
  relu: Math.SQRT2,
  linear: 1,
  firstDense: Math.SQRT2 / 4,
} as const;

type LayerOptions = { gain?: number; bias?: number; fanIn?: number; rgb?: boolean };

function layer(
  name: string,
  block: number,
  shape: readonly number[],
  options: LayerOptions = {},
): VariableSpec[] {
  const outputs = shape.at(-1) as number;
  const { gain = gains.relu, bias = outputs, rgb = false } = options;
  const fanIn = options.fanIn ?? shape.reduce((product, size) => product * size, 1) / outputs;
  return [
    { name: `${name}/weight`, shape, std: gain / Math.sqrt(fanIn), block, rgb },
    { name: `${name}/bias`, shape: [bias], std: 0, block, rgb },
  ];
}

/** G's variables in file order: 4x4 first, every block followed by its toRGB. */
export function generatorVariables(config: NetworkConfig): VariableSpec[] {
  const top = highestBlock(config);
  const maps = (stage: number) => featureMaps(config, stage);
  const toRgb = (block: number) =>
    layer(`ToRGB_lod${top - block}`, block, [1, 1, maps(block - 1), config.numChannels], {
      gain: gains.linear,
      rgb: true,
    });
  const specs = [
    ...layer('4x4/Dense', 2, [config.latentSize + config.labelSize, 16 * maps(1)], {
      gain: gains.firstDense,
      bias: maps(1),
    }),
    ...layer('4x4/Conv', 2, [3, 3, maps(1), maps(1)]),
    ...toRgb(2),
  ];
  for (let block = 3; block <= top; block++) {
    const name = blockName(block);
    const input = maps(block - 2);
    const output = maps(block - 1);
    specs.push(
      ...(config.fusedScale
        ? layer(`${name}/Conv0_up`, block, [3, 3, output, input], { fanIn: 9 * input, bias: output })
        : layer(`${name}/Conv0`, block, [3, 3, input, output])),
      ...layer(`${name}/Conv1`, block, [3, 3, output, output]),
      ...toRgb(block),
    );
  }
  return specs;
}

/** D's variables in file order: the highest resolution first. */
export function discriminatorVariables(config: NetworkConfig): VariableSpec[] {
  const top = highestBlock(config);
  const maps = (stage: number) => featureMaps(config, stage);
  const fromRgb = (block: number) =>
    layer(`FromRGB_lod${top - block}`, block, [1, 1, config.numChannels, maps(block - 1)], {
      rgb: true,
    });
  const specs = fromRgb(top);
  for (let block = top; block > 2; block--) {
    const name = blockName(block);
    const [input, output] = [maps(block - 1), maps(block - 2)];
    specs.push(
      ...layer(`${name}/Conv0`, block, [3, 3, input, input]),
      ...layer(`${name}/${config.fusedScale ? 'Conv1_down' : 'Conv1'}`, block, [3, 3, input, output]),
      ...fromRgb(block - 1),
    );
  }
  const statistic = config.mbstdGroupSize > 1 ? 1 : 0;
  specs.push(
    ...layer('4x4/Conv', 2, [3, 3, maps(1) + statistic, maps(1)]),
    ...layer('4x4/Dense0', 2, [16 * maps(1), maps(0)]),
    ...layer('4x4/Dense1', 2, [maps(0), 1 + config.labelSize], { gain: gains.linear }),
  );
  return specs;
}

/** `8x8` for block 3. */
export function blockName(block: number): string {
  return `${2 ** block}x${2 ** block}`;
}

/**
 * Names of the variables the networks use at a level of detail. During a fade the toRGB/fromRGB of
 * the next lower resolution takes part as well. All others get a zero gradient (facts 1.5).
 */
export function activeNames(
  specs: readonly VariableSpec[],
  config: NetworkConfig,
  level: number,
  fading: boolean,
): string[] {
  const top = highestBlock(config) - level;
  return specs
    .filter(({ block, rgb }) => (rgb ? block === top || (fading && block === top - 1) : block <= top))
    .map(({ name }) => name);
}

/**
 * Names of the variables that are or were active while growing up to a level: a superset of
 * {@link activeNames}. Variables beyond still hold their first values, in G and in Gs alike.
 */
export function reachedNames(specs: readonly VariableSpec[], config: NetworkConfig, level: number): string[] {
  const top = highestBlock(config) - level;
  return specs.filter(({ block }) => block <= top).map(({ name }) => name);
}

/** The named entries of a record; a name that is absent is an error in the caller. */
export function pick(weights: Weights, names: readonly string[]): Weights {
  return Object.fromEntries(names.map((name) => [name, variable(weights, name)]));
}

/** The tensor of that name. Throws ModelError `weights-mismatch` when there is none. */
export function variable(weights: Weights, name: string): tf.Tensor {
  const tensor = weights[name];
  if (tensor === undefined) {
    throw new ModelError(
      'weights-mismatch',
      `the weights hold no variable "${name}"; expected it for this network configuration, got ` +
        `${Object.keys(weights).length} variables: ${Object.keys(weights).join(', ')}`,
    );
  }
  return tensor;
}

/** Trainable numbers of a network, biases included (facts 1.1 lists some). */
export function countParameters(specs: readonly VariableSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Frees every tensor of a record. */
export function disposeWeights(weights: Weights): void {
  tf.dispose(Object.values(weights));
}
