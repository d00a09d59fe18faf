/** What became of every picture of a source, in a few bytes each: a source may have millions. */
import { dropReasons, type DropReason } from './reasons.js';

const codes = Object.keys(dropReasons) as DropReason[];
const kept = 255;
const undecided = 254;

/** What is known of a picture that has no result in the log. */
export interface Aside {
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly detail: string;
}

export class Outcomes {
  readonly #codes: Uint8Array;
  readonly #entries: Int32Array;
  readonly #duplicateOf: Int32Array;
  readonly #asides = new Map<number, Aside>();

  /** `count`: pictures of the source. */
  constructor(count: number) {
    this.#codes = new Uint8Array(count).fill(undecided);
    this.#entries = new Int32Array(count).fill(-1);
    this.#duplicateOf = new Int32Array(count).fill(-1);
  }

  /** A picture that came to the stage; `entry`: its result in the log; `reason` null: kept. */
  settle(picture: number, entry: number, reason: DropReason | null): void {
    this.#entries[picture] = entry;
    this.#codes[picture] = reason === null ? kept : codes.indexOf(reason);
  }

  settleAside(picture: number, reason: DropReason, aside: Aside): void {
    this.#asides.set(picture, aside);
    this.#codes[picture] = codes.indexOf(reason);
  }

  settleDuplicate(picture: number, earlier: number): void {
    this.#duplicateOf[picture] = earlier;
    this.#codes[picture] = codes.indexOf('duplicate');
  }

  isSettled(picture: number): boolean {
    return this.#codes[picture] !== undecided && picture < this.#codes.length;
  }

  isKept(picture: number): boolean {
    return this.#codes[picture] === kept;
  }

  /** Pictures kept of the first `end`. */
  keptBefore(end: number): number {
    let count = 0;
    for (let i = 0; i < end; i++) if (this.isKept(i)) count++;
    return count;
  }

  reason(picture: number): DropReason | null {
    return codes[this.#codes[picture]!] ?? null;
  }

  /** Its result in the log, undefined when it has none. */
  entry(picture: number): number | undefined {
    const entry = this.#entries[picture]!;
    return entry < 0 ? undefined : entry;
  }

  aside(picture: number): Aside | undefined {
    return this.#asides.get(picture);
  }

  /** The earlier picture with the same bytes. */
  duplicateOf(picture: number): number | undefined {
    const earlier = this.#duplicateOf[picture]!;
    return earlier < 0 ? undefined : earlier;
  }
}
