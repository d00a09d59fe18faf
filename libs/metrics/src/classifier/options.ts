/** How a classifier is trained. */
import { MetricsError } from '../errors.js';
import { wholeNumber } from '../options.js';

export interface ClassifierOptions {
  readonly seed?: number | undefined; // of weights, order and shifts, 0…2^32−1; default 0
  readonly epochs?: number | undefined; // times every image is shown; default 6
  readonly minibatch?: number | undefined; // images of a step; default 64
  readonly shift?: number | undefined; // images are moved by up to so many pixels each way; default 2
  readonly rate?: number | undefined; // highest learning rate; default 0.06
  readonly signal?: AbortSignal | undefined; // stops with MetricsError `interrupted`
  readonly onProgress?: ((progress: ClassifierProgress) => void) | undefined;
}

export interface ClassifierProgress {
  readonly done: number; // images shown
  readonly total: number;
  readonly loss: number; // cross-entropy of the last minibatch, nats
}

/** What decides the result, all of it. */
export type ClassifierSettings = Readonly<Record<'seed' | 'epochs' | 'minibatch' | 'shift' | 'rate', number>>;

/** @throws MetricsError `option-invalid` */
export function resolveSettings(options: ClassifierOptions): ClassifierSettings {
  const { seed = 0, epochs = 6, minibatch = 64, shift = 2, rate = 0.06 } = options;
  wholeNumber('seed', seed, 0, 2 ** 32 - 1);
  wholeNumber('epochs', epochs, 1, 1000);
  wholeNumber('minibatch', minibatch, 1, 2 ** 16);
  wholeNumber('shift', shift, 0, 32);
  if (!(rate > 0 && rate <= 10))
    throw new MetricsError('option-invalid', `rate: expected a number above 0 and up to 10, got ${rate}`);
  return { seed, epochs, minibatch, shift, rate };
}

/** Share of the highest learning rate at `t` in [0, 1): up in the first twentieth, then straight down to 0. */
export function rateShare(t: number): number {
  const warm = 1 / 20;
  return t < warm ? t / warm : (1 - t) / (1 - warm);
}
