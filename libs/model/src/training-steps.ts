import { compile, tf } from '@pggan/engine';
import { ensureMoments, type AdamState } from './adam.js';
import { imageShape } from './image-shape.js';
import { drawLabels } from './labels.js';
import { noiseMaps } from './layers/noise.js';
import type { TrainingOptions } from './options.js';
import { bytesToTensor } from './reals.js';
import { splitLod } from './lod.js';
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
 */
export class TrainingSteps {
  readonly #options: TrainingOptions;
  readonly #labels: LabelRows | null;
  readonly #generatorSpecs: VariableSpec[];
  readonly #discriminatorSpecs: VariableSpec[];
  readonly #discriminator = compile(discriminatorStep, { name: 'discriminator step' });
  readonly #generator = compile(generatorStep, { name: 'generator step' });
  readonly #both = compile(simultaneousStep, { name: 'simultaneous step' });

  /** @param labels rows that conditional networks draw labels of fakes from; null for others */
  constructor(options: TrainingOptions, labels: LabelRows | null = null) {
    this.#options = options;
    this.#labels = labels;
    this.#generatorSpecs = generatorVariables(options.network);
    this.#discriminatorSpecs = discriminatorVariables(options.network);
  }

  /**
   * One D step and one move of Gs.
   * @param reals bytes [minibatch, channels, height, width] of the active size, and labels of
   *   labelSize components where the network knows any
   */
  discriminator(state: TrainingState, reals: LabelledImages, point: SchedulePoint): void {
    const statics = this.#statics(point);
    const fresh = this.#freshForD(state, reals, point);
    const inputs = { ...fresh, ...this.#ofD(state, statics) };
    const out = this.#discriminator(inputs, statics);
    tf.dispose(fresh);
    replaceD(state, out);
  }

  /** One G step. */
  generator(state: TrainingState, point: SchedulePoint): void {
    const { network } = this.#options;
    const statics = this.#statics(point);
    const scoring = activeNames(this.#discriminatorSpecs, network, statics.level, statics.fading);
    const fresh = {
      latents: this.#latents(state, point.minibatch),
      ...this.#drawnLabels(state, point.minibatch),
      ...this.#noiseForG(state, point),
      fade: tf.scalar(splitLod(point.lod).fraction),
      learningRate: tf.scalar(point.GLearningRate),
    };
    const { touched, ...ofG } = this.#ofG(state, statics);
    const running = runningNames(this.#generatorSpecs, network, statics.level);
    const G = pick(state.G, [...touched, ...running]);
    const { fakeScore } = state;
    const out = this.#generator({ ...fresh, ...ofG, G, D: pick(state.D, scoring), fakeScore }, statics);
    tf.dispose(fresh);
    replaceG(state, out);
  }

  /** Both at once, from the same fakes; parameters as of {@link discriminator}. */
  simultaneous(state: TrainingState, reals: LabelledImages, point: SchedulePoint): void {
    const statics = this.#statics(point);
    const freshD = this.#freshForD(state, reals, point);
    const freshG = { ...this.#noiseForG(state, point), learningRate: tf.scalar(point.GLearningRate) };
    const { adam, statistics } = this.#ofG(state, statics);
    const out = this.#both(
      {
        discriminator: { ...freshD, ...this.#ofD(state, statics) },
        generator: { ...freshG, adam, statistics },
      },
      statics,
    );
    tf.dispose([freshD, freshG]);
    replaceD(state, out.discriminator);
    replaceG(state, out.generator);
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

  #freshForD(state: TrainingState, { images, labels }: LabelledImages, point: SchedulePoint) {
    const { network, mirrorAugment } = this.#options;
    const { level, fraction } = splitLod(point.lod);
    const { width, height } = imageShape(network, level);
    const count = point.minibatch;
    const perSample = (values: ArrayLike<number>) => tf.tensor4d(Float32Array.from(values), [count, 1, 1, 1]);
    return {
      reals: bytesToTensor(images, [count, network.numChannels, height, width]),
      ...(labels === null ? {} : { labels: tf.tensor2d(labels, [count, network.labelSize]) }),
      latents: this.#latents(state, count),
      mix: perSample(state.random.mix.uniforms(count)),
      mirror: perSample(
        mirrorAugment
          ? state.random.mirror.uniforms(count).map((u) => (u < 0.5 ? 0 : 1))
          : new Float32Array(count),
      ),
      ...this.#noiseForD(state, point),
      fade: tf.scalar(fraction),
      learningRate: tf.scalar(point.DLearningRate),
    };
  }

  #drawnLabels(state: TrainingState, count: number) {
    const { labelSize } = this.#options.network;
    if (labelSize === 0 || this.#labels === null) return {};
    const drawn = drawLabels(this.#labels, labelSize, count, state.random.labels);
    return { labels: tf.tensor2d(drawn, [count, labelSize]) };
  }

  #noiseForD(state: TrainingState, point: SchedulePoint) {
    if (!this.#noisy) return {};
    return { noise: { reals: this.#normals(state, point), fakes: this.#normals(state, point) } };
  }

  #noiseForG(state: TrainingState, point: SchedulePoint) {
    return this.#noisy ? { noise: this.#normals(state, point) } : {};
  }

  get #noisy(): boolean {
    const { loss, lsgan } = this.#options;
    return loss === 'lsgan' && lsgan.noiseCoefficient > 0;
  }

  #normals(state: TrainingState, { lod, minibatch }: SchedulePoint): tf.Tensor2D {
    const maps = noiseMaps(this.#discriminatorSpecs, this.#options.network, splitLod(lod).level);
    return tf.tensor2d(state.random.noise.normals(minibatch * maps), [minibatch, maps]);
  }

  /** Graphs recorded so far, all steps together. */
  get traces(): number {
    return this.#discriminator.traces + this.#generator.traces + this.#both.traces;
  }

  /** Frees the recorded graphs. */
  dispose(): void {
    this.#discriminator.dispose();
    this.#generator.dispose();
    this.#both.dispose();
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

  #latents(state: TrainingState, count: number): tf.Tensor2D {
    const { latentSize } = this.#options.network;
    return tf.tensor2d(state.random.latents.normals(count * latentSize), [count, latentSize]);
  }
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
