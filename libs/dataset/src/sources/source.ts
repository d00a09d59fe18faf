/** What every source of pictures offers to a build; one module per kind of source, listed in `registry.ts`. */
import type { PrepareOptions } from '../pipeline/options.js';
import type { DropReason } from '../pipeline/reasons.js';

/** A picture as the source stores it. */
export type SourcePicture =
  /** Bytes of a picture file, to be decoded. */
  | { readonly kind: 'file'; readonly bytes: Buffer }
  /** Pixels that need no decoding: uint8 CHW. */
  | {
      readonly kind: 'pixels';
      readonly channels: 1 | 3;
      readonly height: number;
      readonly width: number;
      readonly data: Uint8Array;
    };

/** One picture of the source cannot be had; it is dropped with this reason and the build goes on. */
export class SourcePictureError extends Error {
  constructor(
    readonly reason: DropReason,
    message: string,
  ) {
    super(message);
  }
}

/** Labels of the pictures of a source. */
export interface SourceLabels {
  readonly names: readonly string[]; // one per component
  /** One number per name for picture i, or undefined when it has no label. */
  row(i: number): Float32Array | undefined;
}

/** An opened source: a list of `count` pictures in an order that depends on its content only. */
export interface Source {
  readonly count: number;
  readonly others: number; // files that were left out because they are not named like pictures
  /** Which part of a set the pictures are, such as `test`; absent: a whole, or unknown. */
  readonly split?: string | undefined;
  /** Name of picture i, unique in the source, '/' between folders; it goes to the manifest. */
  path(i: number): string;
  /**
   * Picture i, in any order; a build reads with rising i, each once, unless a worker dies of it. Calls may overlap.
   * @throws SourcePictureError when this picture cannot be read, DatasetError when nothing can be
   */
  read(i: number): Promise<SourcePicture>;
  readonly labels: SourceLabels | null; // the set's own
  /** CelebA's five points (ten numbers, upright picture), or null where the list has none for picture i. */
  readonly landmarks: ((i: number) => Float32Array | null) | null; // null: the source knows no landmarks
  close(): Promise<void>;
}

/** What a source may be told; each kind looks at what concerns it. */
export interface SourceRequest {
  readonly path: string; // folder or file
  /** Folder for what must be unpacked to be read; it exists, and goes when the build is complete. */
  readonly scratch: string;
  readonly split: 'train' | 'test'; // of sets that come in two parts
  readonly stacks: number; // mnist-rgb: how many pictures
  readonly stackSeed: number; // mnist-rgb: RandomState seed of the drawing
  readonly coarse: boolean; // cifar: CIFAR-100's 20 coarse classes instead of the 100 fine ones
}

export interface SourceKind {
  readonly kind: string; // name for --kind, index and messages
  readonly summary: string; // one line for the help
  /** Whether `path` looks like this; cheap, by names of files and at most their first bytes. */
  recognises(path: string): Promise<boolean>;
  /** @throws DatasetError `source-missing`, `source-empty`, `source-invalid` */
  open(request: SourceRequest): Promise<Source>;
  /** How pictures of this kind are prepared unless the user says otherwise. */
  readonly defaults: Partial<PrepareOptions>;
}
