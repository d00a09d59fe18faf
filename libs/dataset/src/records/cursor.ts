/** Which image comes next: every image once per epoch, in an order that can be saved and continued. */
import { explainIssues } from '@pggan/files';
import { RandomState, type RandomStateSnapshot } from '@pggan/random';
import { z } from 'zod';
import { DatasetError } from '../errors.js';

const stateSchema = z.object({
  version: z.literal(1),
  count: z.number().int().positive(),
  epoch: z.number().int().nonnegative(),
  position: z.number().int().nonnegative(),
  /** The stream as it was before this epoch's permutation was drawn; null: stored order. */
  random: z.record(z.string(), z.unknown()).nullable(),
});

export type CursorState = z.infer<typeof stateSchema>;

export class EpochCursor {
  #epoch = 0;
  #position = 0; // images of this epoch already handed out
  #random: RandomState | null;
  #before: RandomStateSnapshot | null;
  #order: Int32Array;

  /** `seed` null: the stored order, over and over. */
  constructor(
    private readonly count: number,
    seed: number | null,
  ) {
    this.#random = seed === null ? null : new RandomState(seed);
    this.#before = this.#random?.state() ?? null;
    this.#order = this.#draw();
  }

  /** What `take` would return, if it lies inside this epoch. */
  peek(amount: number): Int32Array | undefined {
    const end = this.#position + amount;
    return end <= this.count ? this.#order.slice(this.#position, end) : undefined;
  }

  take(amount: number): Int32Array {
    const taken = new Int32Array(amount);
    for (let filled = 0; filled < amount;) {
      if (this.#position === this.count) this.#nextEpoch();
      const part = this.#order.subarray(this.#position, this.#position + amount - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#position += part.length;
    }
    return taken;
  }

  /** Equal for equal places: used to tell whether something prefetched is still what is wanted. */
  get place(): string {
    return `${this.#epoch}:${this.#position}`;
  }

  state(): CursorState {
    return {
      version: 1,
      count: this.count,
      epoch: this.#epoch,
      position: this.#position,
      random: this.#before ? { ...this.#before } : null,
    };
  }

  /** The seed is that of the state. @throws DatasetError `option-invalid` when it is damaged or belongs to another dataset or order */
  restore(state: unknown): void {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success)
      throw new DatasetError(
        'option-invalid',
        `reader state: ${explainIssues(parsed.error, state, 'the state')}`,
      );
    const { count, epoch, position, random } = parsed.data;
    if (count !== this.count || position > count)
      throw new DatasetError(
        'option-invalid',
        `reader state: belongs to a dataset of ${count} images, this one has ${this.count}; ` +
          'continue with the dataset the run was started with',
      );
    if ((random === null) !== (this.#random === null))
      throw new DatasetError(
        'option-invalid',
        `reader state: belongs to a reader ${random ? 'that shuffles' : 'in stored order'}, this one ` +
          `${random ? 'keeps the stored order' : 'shuffles'}; open it with shuffle: ${random !== null}`,
      );
    this.#random = random ? RandomState.fromState(random as unknown as RandomStateSnapshot) : null;
    this.#before = this.#random?.state() ?? null;
    this.#order = this.#draw();
    this.#epoch = epoch;
    this.#position = position;
  }

  #draw(): Int32Array {
    return this.#random?.permutation(this.count) ?? Int32Array.from({ length: this.count }, (_, i) => i);
  }

  #nextEpoch(): void {
    this.#before = this.#random?.state() ?? null;
    this.#order = this.#draw();
    this.#epoch++;
    this.#position = 0;
  }
}
