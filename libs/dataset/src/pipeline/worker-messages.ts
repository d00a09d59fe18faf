/** What the pool and its worker threads tell each other. */
import type { DatasetErrorCode } from '../errors.js';
import type { DetectorOptions } from '../faces/detector.js';
import type { SourcePicture } from '../sources/source.js';
import type { StageOptions } from './options.js';
import type { FoundFace, StageResult } from './stage.js';

export interface WorkerSetup {
  readonly options: StageOptions;
  readonly detector: DetectorOptions | null; // null: faces are known or not needed
  readonly enhancer?: string | undefined; // path of the model that the options name
  readonly noFace?: string; // detail for pictures without a face
}

export interface WorkerTask {
  readonly picture: SourcePicture; // its bytes are moved, not copied
  readonly spare: Uint8Array | null; // memory of an earlier result, moved as well
  readonly faces: readonly FoundFace[] | undefined; // undefined: to be detected
}

export type WorkerReply =
  | { readonly results: readonly StageResult[] } // at least one
  | { readonly error: { readonly code: DatasetErrorCode; readonly message: string } };
