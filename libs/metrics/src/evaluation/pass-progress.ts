/** How far several meters are that share a pass over images. */
import type { Meter, Stage } from './measure.js';

export interface EvaluationProgress {
  readonly stage: 'reals' | Stage;
  readonly done: number;
  readonly total: number | null;
}

export class PassProgress {
  readonly #done = new Map<Stage, number[]>();

  constructor(
    private readonly meters: readonly Meter[],
    private readonly onProgress: ((progress: EvaluationProgress) => void) | undefined,
  ) {}

  add(meter: number, stage: Stage, done: number, total: number | null): void {
    const shares = this.#done.get(stage) ?? this.meters.map(() => 0);
    this.#done.set(stage, shares);
    if (stage === 'read') {
      // All read the same images; the slowest is where the row is.
      shares[meter] = done / this.meters[meter]!.images;
      const most = Math.max(...this.meters.map(({ images }) => images));
      this.onProgress?.({ stage, done: Math.round(Math.min(...shares) * most), total: most });
    } else {
      this.onProgress?.({ stage, done, total });
    }
  }
}
