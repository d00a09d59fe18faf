/** The inputs of a step that change from step to step, drawn for the whole minibatch, as numbers in rows. */
import { tf } from '@pggan/engine';
import { imageShape } from './image-shape.js';
import { drawLabels } from './labels.js';
import { noiseMaps } from './layers/noise.js';
import { splitLod } from './lod.js';
import type { TrainingOptions } from './options.js';
import type { LabelledImages, LabelRows } from './reader.js';
import type { SchedulePoint } from './schedule.js';
import type { TrainingState } from './training-state.js';
import type { VariableSpec } from './variables.js';

/** Numbers of shape [N, ...], one row a sample. */
export class Rows {
  constructor(
    readonly data: Float32Array | Uint8Array,
    readonly shape: readonly [samples: number, ...rest: number[]],
  ) {}

  /** As a tensor, float32; only some rows, in the order given, where asked. */
  tensor(rows?: readonly number[]): tf.Tensor {
    const [samples, ...rest] = this.shape;
    if (rows === undefined) return tf.tensor(Float32Array.from(this.data), [samples, ...rest]);
    const length = this.data.length / samples;
    const picked = new Float32Array(rows.length * length);
    rows.forEach((row, i) => {
      picked.set(this.data.subarray(row * length, (row + 1) * length), i * length);
    });
    return tf.tensor(picked, [rows.length, ...rest]);
  }
}

/** Rows by input name, as the steps nest them. */
export interface RowTree {
  readonly [input: string]: Rows | RowTree;
}

/** The same tree as tensors, the caller's to dispose. */
export function rowTensors(tree: RowTree, rows?: readonly number[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([name, entry]) => [
      name,
      entry instanceof Rows ? entry.tensor(rows) : rowTensors(entry, rows),
    ]),
  );
}

/** Draws from the random streams of a state, always for a whole minibatch. */
export class StepDraws {
  readonly #options: TrainingOptions;
  readonly #labels: LabelRows | null;
  readonly #discriminatorSpecs: readonly VariableSpec[];

  /** @param labels rows that labels of fakes are drawn from */
  constructor(
    options: TrainingOptions,
    labels: LabelRows | null,
    discriminatorSpecs: readonly VariableSpec[],
  ) {
    this.#options = options;
    this.#labels = labels;
    this.#discriminatorSpecs = discriminatorSpecs;
  }

  /** Samples of a D step; names as in DiscriminatorSampleInputs. */
  discriminator(
    state: TrainingState,
    { images, labels }: LabelledImages,
    point: SchedulePoint,
  ): RowTree & { readonly latents: Rows } {
    const { network, mirrorAugment } = this.#options;
    const { width, height } = imageShape(network, splitLod(point.lod).level);
    const count = point.minibatch;
    const perSample = (values: ArrayLike<number>) => new Rows(Float32Array.from(values), [count, 1, 1, 1]);
    return {
      reals: new Rows(images, [count, network.numChannels, height, width]),
      ...(labels === null ? {} : { labels: new Rows(labels, [count, network.labelSize]) }),
      latents: this.#latents(state, count),
      mix: perSample(state.random.mix.uniforms(count)),
      mirror: perSample(
        mirrorAugment
          ? state.random.mirror.uniforms(count).map((u) => (u < 0.5 ? 0 : 1))
          : new Float32Array(count),
      ),
      ...(this.#noisy
        ? { noise: { reals: this.#normals(state, point), fakes: this.#normals(state, point) } }
        : {}),
    };
  }

  /** Samples of a G step; names as in GeneratorSampleInputs. */
  generator(state: TrainingState, point: SchedulePoint): RowTree {
    const { labelSize } = this.#options.network;
    const count = point.minibatch;
    const latents = this.#latents(state, count);
    if (labelSize === 0 || this.#labels === null) return { latents, ...this.noise(state, point) };
    const drawn = drawLabels(this.#labels, labelSize, count, state.random.labels);
    return { latents, labels: new Rows(drawn, [count, labelSize]), ...this.noise(state, point) };
  }

  /** D's noise while it judges for G; empty without any. */
  noise(state: TrainingState, point: SchedulePoint): RowTree {
    return this.#noisy ? { noise: this.#normals(state, point) } : {};
  }

  get #noisy(): boolean {
    const { loss, lsgan } = this.#options;
    return loss === 'lsgan' && lsgan.noiseCoefficient > 0;
  }

  #normals(state: TrainingState, { lod, minibatch }: SchedulePoint): Rows {
    const maps = noiseMaps(this.#discriminatorSpecs, this.#options.network, splitLod(lod).level);
    return new Rows(state.random.noise.normals(minibatch * maps), [minibatch, maps]);
  }

  #latents(state: TrainingState, count: number): Rows {
    const { latentSize } = this.#options.network;
    return new Rows(state.random.latents.normals(count * latentSize), [count, latentSize]);
  }
}
