import { tf } from '@pggan/engine';
import { convertGenerator } from '../convert-weights.js';
import { ModelError } from '../errors.js';
import type { LoadedGenerator } from '../generator-file.js';
import type { RawTensor } from '../safetensors.js';
import { disposeWeights, generatorVariables, type Weights } from '../variables.js';
import { collect } from './collect.js';
import type { Mapping } from './mapping.js';
import { networkOf } from './network-of.js';

export interface ImportOptions {
  /** What messages call the dictionary, such as its path. */
  readonly name: string;
  /** Components of the label among G's inputs; default 0. */
  readonly labelSize?: number;
  /** The form that the network shall have, which computes the same; default: that of the mapping. */
  readonly scaling?: 'fused' | 'unfused';
  /** Goes to the file's header beside the mapping's name. */
  readonly origin?: Readonly<Record<string, unknown>>;
}

/**
 * A generator of another program as one of ours, at full resolution. A factor that the other program multiplies a
 * weight with is folded in, and what our equalised learning rate multiplies with at every use is divided out
 * (facts 1.2, 1.7). The caller disposes of the weights.
 * @param tensors the other program's state dictionary
 * @throws ModelError `import-mismatch` naming each tensor that is missing, unknown or of another shape than expected
 */
export function importGenerator(
  tensors: Readonly<Record<string, RawTensor>>,
  mapping: Mapping,
  { name, labelSize, scaling, origin = {} }: ImportOptions,
): LoadedGenerator {
  const { top, collected } = collect(tensors, mapping, name);
  const given = { ...mapping.network, ...(labelSize === undefined ? {} : { labelSize }) };
  const config = networkOf(collected, top, given, name);
  const specs = new Map(generatorVariables(config).map((spec) => [spec.name, spec]));

  // All is checked before the first tensor is made.
  const ready = collected.map(({ name: variable, source, tensor, factor, official }) => {
    const spec = specs.get(variable);
    if (spec === undefined || spec.shape.join() !== tensor.shape.join()) {
      throw new ModelError(
        'import-mismatch',
        `${name}: tensor "${source}" becomes "${variable}" of shape [${tensor.shape}], expected ` +
          (spec === undefined ? `one of ${[...specs.keys()].join(', ')}` : `[${spec.shape}]`),
      );
    }
    const scale = factor / (spec.equalized && !official ? spec.std : 1);
    return {
      variable,
      shape: spec.shape,
      data: scale === 1 ? tensor.data : tensor.data.map((x) => x * scale),
    };
  });
  const absent = [...specs.keys()].filter(
    (variable) => !ready.some((tensor) => tensor.variable === variable),
  );
  // Lower resolutions can be missing, and are only missed when somebody asks for their pictures.
  const needed = absent.filter((variable) => !/^ToRGB_lod[1-9]/.test(variable));
  if (needed.length > 0) {
    throw new ModelError(
      'import-mismatch',
      `${name}: mapping "${mapping.name}" makes no ${needed.join(', ')}`,
    );
  }
  const weights: Weights = Object.fromEntries(
    ready.map(({ variable, shape, data }) => [variable, tf.tensor(data, [...shape])]),
  );
  const imported = { config, lod: 0, kimg: null, origin: { ...origin, mapping: mapping.name } };
  if (scaling === undefined || (scaling === 'fused') === config.fusedScale) return { ...imported, weights };
  const converted = convertGenerator(weights, scaling);
  disposeWeights(weights);
  return { ...imported, config: { ...config, fusedScale: scaling === 'fused' }, weights: converted };
}
