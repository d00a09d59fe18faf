/** What every metric of an evaluation is and gives. */
import type { ImageBatch } from '../images/batch.js';
import type { WorkOptions } from '../work/pool.js';
import type { Metric } from './metric-name.js';
import type { ImageSet } from './image-set.js';

/** A number of a table: SWDx1e3_128, FID, … */
export interface Value {
  readonly name: string;
  readonly value: number;
  /** How far it may be off; see `Measured.spreadOf`. Null where one value tells nothing of it. */
  readonly spread: number | null;
}

export interface Measured {
  readonly metric: Metric;
  readonly values: readonly Value[];
  /** What the spreads are: the standard error over directions, of pairs, … */
  readonly spreadOf: string;
  /** What else the numbers depend on. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** Parts of a measurement that take long; `read` counts images, `compare` steps of about equal length. */
export type Stage = 'read' | 'compare';

export interface MeterContext extends Pick<WorkOptions, 'workers' | 'signal'> {
  readonly seed: number;
  readonly minibatch: number;
  /** Images are compared with these; null: only with each other. */
  readonly reals: ImageSet | null;
  /** Where what is known of the reals is kept; absent: nowhere. */
  readonly cache?: string | undefined;
  onProgress(stage: Stage, done: number, total: number | null): void;
}

/** Measures sets of images one after the other, against reals that it reads once. */
export interface Meter {
  readonly metrics: readonly Metric[];
  /** Images that it wants of each set. */
  readonly images: number;
  /** Reads the reals, `context.reals`. */
  prepare(context: MeterContext): Promise<void>;
  /** @param images `this.images` of them */
  measure(images: AsyncIterable<ImageBatch>, draw: Draw, context: MeterContext): Promise<readonly Measured[]>;
}

/** Which random streams a measurement draws from: equal images and draws give equal numbers. */
export interface Draw {
  /** The reals have their own, so that they equal themselves and nothing else by chance. */
  readonly role: 'reals' | 'others';
  /** Counts repeated measurements from 0. */
  readonly repeat: number;
}
