/** What is on the page of a report, before it becomes markup. All text is plain. */
import type { NearImages } from '../reshape/near-images.js';
import type { FaceEntry } from './face-entry.js';
import type { Survey } from './survey.js';
import type { Missing, Shown } from './portraits.js';

/** A picture of the source with all faces that the manifest has of it. */
export interface FramedPicture {
  readonly path: string;
  readonly picture: Shown | Missing;
  readonly width: number; // as the quads count, pixels
  readonly height: number;
  readonly faces: readonly FaceEntry[];
}

export interface PagePair {
  readonly first: FaceEntry;
  readonly second: FaceEntry;
  readonly facts: string;
}

export interface NearSummary {
  readonly found: number;
  readonly pairs: readonly (NearImages & { readonly entries: readonly [FaceEntry, FaceEntry] })[];
}

export interface PageModel {
  readonly title: string;
  readonly facts: readonly string[]; // of the dataset, in words
  readonly images: number; // of the dataset
  readonly noun: 'face' | 'picture'; // what is called so by its scores and on the page: lines of the manifest
  readonly survey: Survey;
  readonly examples: number;
  readonly seed: number;
  readonly twins: readonly PagePair[];
  readonly near: NearSummary | null; // null: not looked for
  readonly framed: readonly FramedPicture[] | null; // null: no source was given
  /** Of every face on the page, by its line. */
  readonly portraits: ReadonlyMap<number, Shown | Missing>;
}
