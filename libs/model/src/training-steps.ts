import { compile, tf } from '@pggan/engine';
import { ensureMoments, type AdamState } from './adam.js';
import type { TrainingOptions } from './options.js';
import { bytesToTensor } from './reals.js';
import { splitLod } from './lod.js';
import type { SchedulePoint } from './schedule.js';
import { discriminatorStep, generatorStep, type StepStatics } from './step.js';
import type { TrainingState } from './training-state.js';
import {
  activeNames,
  discriminatorVariables,
  generatorVariables,
  pick,
  reachedNames,
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
  readonly #generatorSpecs: VariableSpec[];
  readonly #discriminatorSpecs: VariableSpec[];
  readonly #discriminator = compile(discriminatorStep, { name: 'discriminator step' });
  readonly #generator = compile(generatorStep, { name: 'generator step' });

  constructor(options: TrainingOptions) {
    this.#options = options;
    this.#generatorSpecs = generatorVariables(options.network);
    this.#discriminatorSpecs = discriminatorVariables(options.network);
  }

  /**
   * One D step and one move of Gs.
   * @param reals bytes [minibatch, channels, side, side] of the active resolution
   */
  discriminator(state: TrainingState, reals: Uint8Array, point: SchedulePoint): void {
    const { network, mirrorAugment } = this.#options;
    const statics = this.#statics(point);
    const reached = reachedNames(this.#generatorSpecs, network, statics.level);
    const touched = this.#touched(this.#discriminatorSpecs, statics);
    ensureMoments(state.adamD, state.D, touched);
    const count = point.minibatch;
    const perSample = (values: ArrayLike<number>) => tf.tensor4d(Float32Array.from(values), [count, 1, 1, 1]);
    const fresh = {
      reals: bytesToTensor(reals, [count, network.numChannels, point.resolution]),
      latents: this.#latents(state, count),
      mix: perSample(state.random.mix.uniforms(count)),
      mirror: perSample(
        mirrorAugment
          ? state.random.mirror.uniforms(count).map((u) => (u < 0.5 ? 0 : 1))
          : new Float32Array(count),
      ),
      fade: tf.scalar(splitLod(point.lod).fraction),
      learningRate: tf.scalar(point.DLearningRate),
    };
    const out = this.#discriminator(
      {
        ...fresh,
        D: pick(state.D, touched),
        adam: pickAdam(state.adamD, touched),
        G: pick(state.G, reached),
        Gs: pick(state.Gs, reached),
        statistics: state.statisticsD,
      },
      statics,
    );
    tf.dispose([fresh, state.statisticsD]);
    replace(state.D, out.D);
    replace(state.Gs, out.Gs);
    replaceAdam(state.adamD, out.adam);
    state.statisticsD = out.statistics;
  }

  /** One G step. */
  generator(state: TrainingState, point: SchedulePoint): void {
    const { network } = this.#options;
    const statics = this.#statics(point);
    const touched = this.#touched(this.#generatorSpecs, statics);
    const scoring = activeNames(this.#discriminatorSpecs, network, statics.level, statics.fading);
    ensureMoments(state.adamG, state.G, touched);
    const fresh = {
      latents: this.#latents(state, point.minibatch),
      fade: tf.scalar(splitLod(point.lod).fraction),
      learningRate: tf.scalar(point.GLearningRate),
    };
    const out = this.#generator(
      {
        ...fresh,
        G: pick(state.G, touched),
        adam: pickAdam(state.adamG, touched),
        D: pick(state.D, scoring),
        statistics: state.statisticsG,
      },
      statics,
    );
    tf.dispose([fresh, state.statisticsG]);
    replace(state.G, out.G);
    replaceAdam(state.adamG, out.adam);
    state.statisticsG = out.statistics;
  }

  /** Graphs recorded so far, both steps together. */
  get traces(): number {
    return this.#discriminator.traces + this.#generator.traces;
  }

  /** Frees the recorded graphs. */
  dispose(): void {
    this.#discriminator.dispose();
    this.#generator.dispose();
  }

  #statics({ lod }: SchedulePoint): StepStatics {
    const { network, wgan, adam, GSmoothing, mirrorAugment } = this.#options;
    const { level, fraction } = splitLod(lod);
    return { network, wgan, adam, GSmoothing, mirrorAugment, level, fading: fraction > 0 };
  }

  #touched(specs: readonly VariableSpec[], { level, fading }: StepStatics): string[] {
    const { network, resetOptForNewLod } = this.#options;
    return resetOptForNewLod
      ? activeNames(specs, network, level, fading)
      : reachedNames(specs, network, level);
  }

  #latents(state: TrainingState, count: number): tf.Tensor2D {
    const { latentSize } = this.#options.network;
    return tf.tensor2d(state.random.latents.normals(count * latentSize), [count, latentSize]);
  }
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
