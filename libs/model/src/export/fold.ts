import type { VariableSpec } from '../layers/specs.js';
import type { RawTensor } from '../safetensors.js';

type Tensors = Readonly<Record<string, RawTensor>>;

/**
 * Weights and biases with everything folded in that does not depend on the inputs: the equalised learning rate, and
 * batch normalisation by its running averages, (x - mean) * gamma * inv_std + bias.
 * @param tensors of an unfused generator
 */
export function foldWeights(tensors: Tensors, specs: readonly VariableSpec[]): Record<string, RawTensor> {
  const folded: Record<string, RawTensor> = {};
  for (const { name, equalized, std } of specs) {
    const tensor = tensors[name];
    if (!name.endsWith('/weight') || tensor === undefined) continue;
    const layer = name.slice(0, -'/weight'.length);
    const bias = tensors[`${layer}/bias`]!;
    // The factor is rounded as a constant of the network would be (facts 1.2).
    const scaled = equalized ? tensor.data.map((w) => w * Math.fround(std)) : tensor.data;
    const gamma = tensors[`${layer}/gamma`]?.data;
    if (gamma === undefined) {
      folded[name] = { shape: tensor.shape, data: scaled };
      folded[`${layer}/bias`] = bias;
      continue;
    }
    const mean = tensors[`${layer}/mean`]!.data;
    const factor = tensors[`${layer}/inv_std`]!.data.map((inverse, i) => inverse * gamma[i]!);
    const outputs = tensor.shape.at(-1)!;
    // Units of the first layer are ordered by map.
    const mapOf = (i: number) => Math.floor(((i % outputs) * factor.length) / outputs);
    folded[name] = { shape: tensor.shape, data: scaled.map((w, i) => w * factor[mapOf(i)]!) };
    folded[`${layer}/bias`] = {
      shape: bias.shape,
      data: bias.data.map((b, i) => b - mean[i]! * factor[i]!),
    };
  }
  return folded;
}
