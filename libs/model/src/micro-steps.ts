/** Steps on a minibatch in parts: gradients of one micro-batch after another, then one update. */
import { compile, tf } from '@pggan/engine';
import { rowTensors, type RowTree } from './draws.js';
import {
  addShare,
  discriminatorGradients,
  discriminatorValueCount,
  generatorGradients,
  generatorValueCount,
  type DiscriminatorSampleInputs,
  type GeneratorSampleInputs,
  type LossInputs,
  type StepGradients,
} from './gradients.js';
import {
  discriminatorUpdate,
  generatorUpdate,
  type DiscriminatorStepOutputs,
  type DiscriminatorUpdateInputs,
  type GeneratorStepOutputs,
  type GeneratorUpdateInputs,
  type StepStatics,
} from './step.js';
import {
  activeNames,
  discriminatorVariables,
  generatorVariables,
  pick,
  type VariableSpec,
  type Weights,
} from './variables.js';

type Part<Samples> = { readonly sum: StepGradients; readonly inputs: LossInputs & Samples };
type PartStatics = StepStatics & { readonly share: number };
type Update<Inputs> = { readonly inputs: Inputs; readonly sum: StepGradients };

/** A discriminator step and a generator step by parts, each recorded as two graphs. */
export class MicroSteps {
  readonly #addD = compile(
    ({ sum, inputs }: Part<DiscriminatorSampleInputs>, statics: PartStatics) =>
      addShare(sum, discriminatorGradients(inputs, statics), statics.share),
    { name: 'discriminator micro-batch' },
  );
  readonly #addG = compile(
    ({ sum, inputs }: Part<GeneratorSampleInputs>, statics: PartStatics) =>
      addShare(sum, generatorGradients(inputs, statics), statics.share),
    { name: 'generator micro-batch' },
  );
  readonly #updateD = compile(
    ({ inputs, sum }: Update<DiscriminatorUpdateInputs>, statics: StepStatics) =>
      discriminatorUpdate(inputs, sum, statics),
    { name: 'discriminator update' },
  );
  readonly #updateG = compile(
    ({ inputs, sum }: Update<GeneratorUpdateInputs>, statics: StepStatics) =>
      generatorUpdate(inputs, sum, statics),
    { name: 'generator update' },
  );

  /**
   * Gradients of D's loss, averaged over a minibatch; the caller's to dispose.
   * @param samples names as in DiscriminatorSampleInputs, for the whole minibatch
   * @param parts rows of each micro-batch
   */
  discriminatorGradients(
    inputs: LossInputs,
    samples: RowTree,
    parts: readonly (readonly number[])[],
    statics: StepStatics,
  ): StepGradients {
    const zero = zeros(inputs.D, discriminatorVariables(statics.network), statics);
    const first = zero(discriminatorValueCount(statics));
    return sumParts<DiscriminatorSampleInputs>(this.#addD, first, inputs, samples, parts, statics);
  }

  /** The same for G; names of samples as in GeneratorSampleInputs. */
  generatorGradients(
    inputs: LossInputs,
    samples: RowTree,
    parts: readonly (readonly number[])[],
    statics: StepStatics,
  ): StepGradients {
    const zero = zeros(inputs.G, generatorVariables(statics.network), statics);
    const first = zero(generatorValueCount);
    return sumParts<GeneratorSampleInputs>(this.#addG, first, inputs, samples, parts, statics);
  }

  updateDiscriminator(
    inputs: DiscriminatorUpdateInputs,
    sum: StepGradients,
    statics: StepStatics,
  ): DiscriminatorStepOutputs {
    return this.#updateD({ inputs, sum }, statics);
  }

  updateGenerator(
    inputs: GeneratorUpdateInputs,
    sum: StepGradients,
    statics: StepStatics,
  ): GeneratorStepOutputs {
    return this.#updateG({ inputs, sum }, statics);
  }

  get traces(): number {
    return this.#all.reduce((sum, { traces }) => sum + traces, 0);
  }

  dispose(): void {
    for (const compiled of this.#all) compiled.dispose();
  }

  get #all() {
    return [this.#addD, this.#addG, this.#updateD, this.#updateG];
  }
}

/** Adds the mean gradients over `parts` to `first`, which is disposed of. */
function sumParts<Samples>(
  add: (part: Part<Samples>, statics: PartStatics) => StepGradients,
  first: StepGradients,
  inputs: LossInputs,
  samples: RowTree,
  parts: readonly (readonly number[])[],
  statics: StepStatics,
): StepGradients {
  return parts.reduce((sum, rows) => {
    const tensors = rowTensors(samples, rows);
    const next = add(
      { sum, inputs: { ...only(inputs), ...(tensors as Samples) } },
      { ...statics, share: 1 / parts.length },
    );
    tf.dispose([sum, tensors as tf.TensorContainer]);
    return next;
  }, first);
}

/** Without what only an update needs: every input of a graph is handed over at every call. */
function only({ G, D, fakeScore, fade }: LossInputs): LossInputs {
  return { G, D, fakeScore, fade };
}

/** No gradients yet, for the active variables. */
function zeros(weights: Weights, specs: readonly VariableSpec[], { network, level, fading }: StepStatics) {
  const active = pick(weights, activeNames(specs, network, level, fading));
  return (values: number): StepGradients => ({
    values: tf.zeros([values]),
    gradients: Object.fromEntries(Object.entries(active).map(([name, { shape }]) => [name, tf.zeros(shape)])),
  });
}
