/** A few of many, chosen while they pass by. */
import { RandomState } from '@pggan/random';

/** `amount` of all that are offered, every one with the same chance; drawn with `seed`. */
export class Sample<T> {
  readonly #random: RandomState;
  readonly #kept: { readonly order: number; readonly item: T }[] = [];
  offered = 0;

  constructor(
    private readonly amount: number,
    seed: number,
  ) {
    this.#random = new RandomState(seed);
  }

  /** `make` is asked only for what is taken. */
  offer(make: () => T): void {
    const order = this.offered++;
    const place = order < this.amount ? order : this.#random.randint(order + 1);
    if (place < this.amount) this.#kept[place] = { order, item: make() };
  }

  /** In the order in which they came. */
  items(): T[] {
    return [...this.#kept].sort((a, b) => a.order - b.order).map(({ item }) => item);
  }
}

/** The `amount` items of the smallest numbers; of equal ones the first. */
export class Least<T> {
  readonly #kept: { readonly by: number; readonly item: T }[] = [];

  constructor(private readonly amount: number) {}

  offer(by: number, make: () => T): void {
    const kept = this.#kept;
    if (kept.length === this.amount && !(by < kept.at(-1)!.by)) return;
    let place = kept.length;
    while (place > 0 && kept[place - 1]!.by > by) place--;
    kept.splice(place, 0, { by, item: make() });
    if (kept.length > this.amount) kept.pop();
  }

  /** From the least up. */
  items(): T[] {
    return this.#kept.map(({ item }) => item);
  }
}
