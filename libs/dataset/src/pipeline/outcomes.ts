/**
 * What became of every candidate of a source: each face that was found, or the picture as a whole. In about 30 bytes
 * each, for a source may have millions.
 */
import { dropReasons, type DropReason } from './reasons.js';

const codes = Object.keys(dropReasons) as DropReason[];
const kept = 255;

/** What is known of a picture that has no result in the log. */
export interface Aside {
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly detail: string;
}

/** What the first pass says of a candidate that came to the stage. */
export interface CandidateOutcome {
  readonly entry: number; // its result in the log
  readonly reason: DropReason | null; // null: kept
  readonly hash: string | null;
  readonly bare: boolean; // the log has no pixels of it
}

const firstCapacity = 1024;

/** Candidates are numbered in the order in which they are settled; a picture's have numbers one after the other. */
export class Outcomes {
  readonly #first: Int32Array; // by picture: number of its first candidate, or −1
  readonly #counts: Uint16Array; // by picture
  #codes = new Uint8Array(firstCapacity);
  #entries = new Int32Array(firstCapacity); // of a duplicate: the earlier picture
  #hashes = new BigUint64Array(firstCapacity);
  readonly #bare = new Set<number>();
  readonly #asides = new Map<number, Aside>(); // by picture
  #size = 0;

  /** `pictures`: of the source. */
  constructor(pictures: number) {
    this.#first = new Int32Array(pictures).fill(-1);
    this.#counts = new Uint16Array(pictures);
  }

  /** Candidates so far. */
  get size(): number {
    return this.#size;
  }

  /** A picture that came to the stage, with its candidates. */
  settle(picture: number, candidates: readonly CandidateOutcome[]): void {
    this.#begin(picture, candidates.length);
    for (const { entry, reason, hash, bare } of candidates) {
      if (bare) this.#bare.add(this.#size);
      this.#hashes[this.#size] = hash === null ? 0n : BigInt(`0x${hash}`);
      this.#push(reason, entry);
    }
  }

  settleAside(picture: number, reason: DropReason, aside: Aside): void {
    this.#asides.set(picture, aside);
    this.#begin(picture, 1);
    this.#push(reason, -1);
  }

  settleDuplicate(picture: number, earlier: number): void {
    this.#begin(picture, 1);
    this.#push('duplicate', earlier);
  }

  isSettled(picture: number): boolean {
    return picture < this.#first.length && this.#first[picture]! >= 0;
  }

  /** Numbers of a settled picture's candidates: the first, and the one after the last. */
  candidatesOf(picture: number): readonly [from: number, to: number] {
    const first = this.#first[picture]!;
    return [first, first + this.#counts[picture]!];
  }

  isKept(candidate: number): boolean {
    return this.#codes[candidate] === kept;
  }

  /** Kept candidates of a picture. */
  keptOf(picture: number): number {
    const [from, to] = this.candidatesOf(picture);
    let count = 0;
    for (let candidate = from; candidate < to; candidate++) if (this.isKept(candidate)) count++;
    return count;
  }

  /** Kept candidates of the first `pictures`, in the order of the source, and the picture of each. */
  keptBefore(pictures: number): { readonly candidates: Int32Array; readonly pictureOf: Int32Array } {
    let count = 0;
    for (let picture = 0; picture < pictures; picture++) count += this.keptOf(picture);
    const [candidates, pictureOf] = [new Int32Array(count), new Int32Array(count)];
    for (let picture = 0, at = 0; picture < pictures; picture++) {
      const [from, to] = this.candidatesOf(picture);
      for (let candidate = from; candidate < to; candidate++) {
        if (!this.isKept(candidate)) continue;
        candidates[at] = candidate;
        pictureOf[at++] = picture;
      }
    }
    return { candidates, pictureOf };
  }

  reason(candidate: number): DropReason | null {
    return codes[this.#codes[candidate]!] ?? null;
  }

  /** Leaves out what was kept so far. */
  drop(candidate: number, reason: DropReason): void {
    this.#codes[candidate] = codes.indexOf(reason);
  }

  /** Its result in the log, undefined when it has none. */
  entry(candidate: number): number | undefined {
    const entry = this.#entries[candidate]!;
    return entry < 0 || this.reason(candidate) === 'duplicate' ? undefined : entry;
  }

  /** Perceptual hash of its image. */
  hash(candidate: number): bigint {
    return this.#hashes[candidate]!;
  }

  /** Whether the log has no pixels of it. */
  isBare(candidate: number): boolean {
    return this.#bare.has(candidate);
  }

  /** A result with pixels for a candidate that was bare. */
  complete(candidate: number, entry: number): void {
    this.#entries[candidate] = entry;
    this.#bare.delete(candidate);
  }

  aside(picture: number): Aside | undefined {
    return this.#asides.get(picture);
  }

  /** The earlier picture with the same bytes. */
  duplicateOf(picture: number): number | undefined {
    const [candidate] = this.candidatesOf(picture);
    return this.reason(candidate) === 'duplicate' ? this.#entries[candidate]! : undefined;
  }

  #begin(picture: number, candidates: number): void {
    this.#first[picture] = this.#size;
    this.#counts[picture] = candidates;
    const needed = this.#size + candidates;
    if (needed <= this.#codes.length) return;
    const capacity = Math.max(needed, this.#codes.length * 2);
    const grown = <T extends { set(from: T): void }>(larger: T, from: T): T => {
      larger.set(from);
      return larger;
    };
    this.#codes = grown(new Uint8Array(capacity), this.#codes);
    this.#entries = grown(new Int32Array(capacity), this.#entries);
    this.#hashes = grown(new BigUint64Array(capacity), this.#hashes);
  }

  #push(reason: DropReason | null, entry: number): void {
    this.#codes[this.#size] = reason === null ? kept : codes.indexOf(reason);
    this.#entries[this.#size++] = entry;
  }
}
