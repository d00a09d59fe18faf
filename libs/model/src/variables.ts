/** The variables of both networks, and which of them a level of detail uses. */
import { highestBlock, type NetworkConfig } from './config.js';
import { paperDiscriminatorVariables } from './layers/paper-discriminator.js';
import { paperGeneratorVariables } from './layers/paper-generator.js';
import { smallDiscriminatorVariables } from './layers/small-discriminator.js';
import { smallGeneratorVariables } from './layers/small-generator.js';
import type { VariableSpec } from './layers/specs.js';

export type { VariableSpec } from './layers/specs.js';
export { disposeWeights, pick, variable, type Weights } from './layers/weights.js';

/** G's variables in file order. */
export function generatorVariables(config: NetworkConfig): VariableSpec[] {
  return config.architecture === 'small' ? smallGeneratorVariables(config) : paperGeneratorVariables(config);
}

/** D's variables in file order. */
export function discriminatorVariables(config: NetworkConfig): VariableSpec[] {
  return config.architecture === 'small'
    ? smallDiscriminatorVariables(config)
    : paperDiscriminatorVariables(config);
}

/**
 * Names of the trainable variables the networks use at a level of detail. During a fade the
 * toRGB/fromRGB of the next lower resolution takes part as well. All others get a zero gradient
 * (facts 1.5).
 */
export function activeNames(
  specs: readonly VariableSpec[],
  config: NetworkConfig,
  level: number,
  fading: boolean,
): string[] {
  const top = highestBlock(config) - level;
  return specs
    .filter(({ trainable }) => trainable)
    .filter(({ block, rgb }) => (rgb ? block === top || (fading && block === top - 1) : block <= top))
    .map(({ name }) => name);
}

/**
 * Names of the variables that are or were active while growing up to a level, running averages
 * included: a superset of {@link activeNames}. Variables beyond still hold their first values, in G
 * and in Gs alike.
 */
export function reachedNames(specs: readonly VariableSpec[], config: NetworkConfig, level: number): string[] {
  const top = highestBlock(config) - level;
  return specs.filter(({ block }) => block <= top).map(({ name }) => name);
}

/** Names of the running averages among them. */
export function runningNames(specs: readonly VariableSpec[], config: NetworkConfig, level: number): string[] {
  return reachedNames(
    specs.filter(({ trainable }) => !trainable),
    config,
    level,
  );
}

/** Trainable numbers of a network, biases included (facts 1.1 lists some). */
export function countParameters(specs: readonly VariableSpec[]): number {
  return specs
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
