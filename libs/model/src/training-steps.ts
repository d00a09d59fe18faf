import { compile, tf } from '@pggan/engine';
import { ensureMoments, type AdamState } from './adam.js';
import { rowTensors, StepDraws } from './draws.js';
import type { DiscriminatorSampleInputs, GeneratorSampleInputs } from './gradients.js';
import { splitLod } from './lod.js';
import { microBatchLimit, microBatchRows, microBatchSize } from './micro-batch.js';
import { MicroSteps } from './micro-steps.js';
import type { TrainingOptions } from './options.js';
import type { LabelledImages, LabelRows } from './reader.js';
import type { SchedulePoint } from './schedule.js';
import {
  discriminatorStep,
  generatorStep,
  simultaneousStep,
  type DiscriminatorStepOutputs,
  type GeneratorStepOutputs,
  type StepStatics,
} from './step.js';
import type { TrainingState } from './training-state.js';
import {
  activeNames,
  discriminatorVariables,
  generatorVariables,
  pick,
  reachedNames,
  runningNames,
  type VariableSpec,
  type Weights,
} from './variables.js';

/**
 * Applies the two steps to a training state: draws the random inputs, passes the variables that
 * matter, puts the results back. Only variables that are or have been active are passed at all:
 * - Gs follows every variable reached so far. A toRGB that fell out of use stays put in G, but its
 *   average still approaches it.
 * - Adam touches the active variables only as long as its state restarts whenever they change; the
 *   others then have zero moments and zero gradients. Without restarts, all variables reached are
 *   touched, so that their moments decay (and, with beta1 > 0, still move them) as they should.
 *
 * Random numbers are drawn for the whole minibatch, then dealt to micro-batches where there are any.
 */
export class TrainingSteps {
  readonly #options: TrainingOptions;
  readonly #draws: StepDraws;
  readonly #generatorSpecs: VariableSpec[];
  readonly #discriminatorSpecs: VariableSpec[];
  readonly #discriminator = compile(discriminatorStep, { name: 'discriminator step' });
  readonly #generator = compile(generatorStep, { name: 'generator step' });
  readonly #both = compile(simultaneousStep, { name: 'simultaneous step' });
  readonly #micro = new MicroSteps();

  /** @param labels rows that conditional networks draw labels of fakes from; null for others */
  constructor(options: TrainingOptions, labels: LabelRows | null = null) {
    this.#options = options;
    this.#generatorSpecs = generatorVariables(options.network);
    this.#discriminatorSpecs = discriminatorVariables(options.network);
    this.#draws = new StepDraws(options, labels, this.#discriminatorSpecs);
  }

  /**
   * One D step and one move of Gs.
   * @param reals bytes [minibatch, channels, height, width] of the active size, and labels of
   *   labelSize components where the network knows any
   */
  discriminator(state: TrainingState, reals: LabelledImages, point: SchedulePoint): void {
    const statics = this.#statics(point);
    const samples = this.#draws.discriminator(state, reals, point);
    const scalars = scalarsOf(point, point.DLearningRate);
    const inputs = { ...scalars, ...this.#ofD(state, statics) };
    const parts = this.#parts(point);
    if (parts === null) {
      const tensors = rowTensors(samples) as DiscriminatorSampleInputs;
      replaceD(state, this.#discriminator({ ...inputs, ...tensors }, statics));
      tf.dispose(tensors);
    } else {
      const sum = this.#micro.discriminatorGradients(inputs, samples, parts, statics);
      replaceD(state, this.#micro.updateDiscriminator(inputs, sum, statics));
      tf.dispose(sum);
    }
    tf.dispose(scalars);
  }

  /** One G step. */
  generator(state: TrainingState, point: SchedulePoint): void {
    const { network } = this.#options;
    const statics = this.#statics(point);
    const scoring = activeNames(this.#discriminatorSpecs, network, statics.level, statics.fading);
    const samples = this.#draws.generator(state, point);
    const scalars = scalarsOf(point, point.GLearningRate);
    const { touched, ...ofG } = this.#ofG(state, statics);
    const running = runningNames(this.#generatorSpecs, network, statics.level);
    const G = pick(state.G, [...touched, ...running]);
    const D = pick(state.D, scoring);
    const inputs = { ...scalars, ...ofG, G, D, fakeScore: state.fakeScore };
    const parts = this.#parts(point);
    if (parts === null) {
      const tensors = rowTensors(samples) as GeneratorSampleInputs;
      replaceG(state, this.#generator({ ...inputs, ...tensors }, statics));
      tf.dispose(tensors);
    } else {
      const sum = this.#micro.generatorGradients(inputs, samples, parts, statics);
      replaceG(state, this.#micro.updateGenerator(inputs, sum, statics));
      tf.dispose(sum);
    }
    tf.dispose(scalars);
  }

  /** Both at once, from the same fakes; parameters as of {@link discriminator}. */
  simultaneous(state: TrainingState, reals: LabelledImages, point: SchedulePoint): void {
    const statics = this.#statics(point);
    const samples = this.#draws.discriminator(state, reals, point);
    const noise = this.#draws.noise(state, point);
    const scalars = scalarsOf(point, point.DLearningRate);
    const learningRate = tf.scalar(point.GLearningRate);
    const ofD = { ...scalars, ...this.#ofD(state, statics) };
    const { touched, ...ofG } = this.#ofG(state, statics);
    const parts = this.#parts(point);
    if (parts === null) {
      const tensors = rowTensors(samples) as DiscriminatorSampleInputs;
      const tensorsG = rowTensors(noise) as Pick<GeneratorSampleInputs, 'noise'>;
      const generator = { ...ofG, ...tensorsG, learningRate };
      const out = this.#both({ discriminator: { ...ofD, ...tensors }, generator }, statics);
      tf.dispose([tensors, tensorsG]);
      replaceD(state, out.discriminator);
      replaceG(state, out.generator);
    } else {
      const { latents, labels } = samples;
      const samplesG = { latents, ...(labels === undefined ? {} : { labels }), ...noise };
      const sumD = this.#micro.discriminatorGradients(ofD, samples, parts, statics);
      const sumG = this.#micro.generatorGradients(ofD, samplesG, parts, statics);
      const inputsG = { ...ofD, ...ofG, G: pick(state.G, touched), learningRate };
      const outG = this.#micro.updateGenerator(inputsG, sumG, statics);
      replaceD(state, this.#micro.updateDiscriminator(ofD, sumD, statics));
      replaceG(state, outG);
      tf.dispose([sumD, sumG]);
    }
    tf.dispose([scalars, learningRate]);
  }

  /** Rows of the micro-batches; null = the whole minibatch at once. */
  #parts({ resolution, minibatch }: SchedulePoint): number[][] | null {
    const { network, microBatch } = this.#options;
    const size = microBatchSize(network, minibatch, microBatchLimit(microBatch, resolution)) ?? minibatch;
    return size === minibatch ? null : microBatchRows(network, minibatch, size);
  }

  /** The parts of a state that a D step reads. */
  #ofD(state: TrainingState, statics: StepStatics) {
    const reached = reachedNames(this.#generatorSpecs, this.#options.network, statics.level);
    const touched = this.#touched(this.#discriminatorSpecs, statics);
    ensureMoments(state.adamD, state.D, touched);
    return {
      D: pick(state.D, touched),
      adam: pickAdam(state.adamD, touched),
      G: pick(state.G, reached),
      Gs: pick(state.Gs, reached),
      fakeScore: state.fakeScore,
      statistics: state.statisticsD,
    };
  }

  /** The parts of a state that a G step moves. */
  #ofG(state: TrainingState, statics: StepStatics) {
    const touched = this.#touched(this.#generatorSpecs, statics);
    ensureMoments(state.adamG, state.G, touched);
    return { touched, adam: pickAdam(state.adamG, touched), statistics: state.statisticsG };
  }

  /** Graphs recorded so far, all steps together. */
  get traces(): number {
    return this.#discriminator.traces + this.#generator.traces + this.#both.traces + this.#micro.traces;
  }

  /** Frees the recorded graphs. */
  dispose(): void {
    this.#discriminator.dispose();
    this.#generator.dispose();
    this.#both.dispose();
    this.#micro.dispose();
  }

  #statics({ lod }: SchedulePoint): StepStatics {
    const { network, loss, wgan, lsgan, condition, adam, GSmoothing, mirrorAugment } = this.#options;
    const { level, fraction } = splitLod(lod);
    const fading = fraction > 0;
    return { network, loss, wgan, lsgan, condition, adam, GSmoothing, mirrorAugment, level, fading };
  }

  #touched(specs: readonly VariableSpec[], { level, fading }: StepStatics): string[] {
    const { network, resetOptForNewLod } = this.#options;
    if (resetOptForNewLod) return activeNames(specs, network, level, fading);
    const trainable = specs.filter((spec) => spec.trainable);
    return reachedNames(trainable, network, level);
  }
}

function scalarsOf({ lod }: SchedulePoint, learningRate: number) {
  return { fade: tf.scalar(splitLod(lod).fraction), learningRate: tf.scalar(learningRate) };
}

function replaceD(state: TrainingState, out: DiscriminatorStepOutputs): void {
  tf.dispose([state.statisticsD, state.fakeScore]);
  replace(state.D, out.D);
  replace(state.Gs, out.Gs);
  replaceAdam(state.adamD, out.adam);
  state.fakeScore = out.fakeScore;
  state.statisticsD = out.statistics;
}

function replaceG(state: TrainingState, out: GeneratorStepOutputs): void {
  tf.dispose(state.statisticsG);
  replace(state.G, out.G);
  replaceAdam(state.adamG, out.adam);
  state.statisticsG = out.statistics;
}

function pickAdam(state: AdamState, names: readonly string[]) {
  return { t: state.t, m: pick(state.m, names), v: pick(state.v, names) };
}

function replaceAdam(
  state: AdamState,
  next: { readonly t: tf.Scalar; readonly m: Weights; readonly v: Weights },
): void {
  state.t.dispose();
  state.t = next.t;
  replace(state.m, next.m);
  replace(state.v, next.v);
}

/** Puts new tensors in the place of old ones, which are freed. */
function replace(target: Weights, next: Weights): void {
  for (const [name, tensor] of Object.entries(next)) {
    target[name]?.dispose();
    target[name] = tensor;
  }
}
