/** What the pool and its worker threads tell each other. */
import type { DatasetErrorCode } from '../errors.js';
import type { SourcePicture } from '../sources/source.js';
import type { StageOptions } from './options.js';
import type { FoundFace, StageReport } from './stage.js';

export interface WorkerSetup {
  readonly options: StageOptions;
  readonly faceModel: string | null; // null: faces are known or not needed
  readonly enhancer?: string | undefined; // path of the model that the options name
  readonly noFace?: string; // detail for pictures without a face
}

export interface WorkerTask {
  readonly picture: SourcePicture; // its bytes are moved, not copied
  readonly spare: Uint8Array | null; // memory of an earlier result, moved as well
  readonly face: FoundFace | null | undefined; // null: known to have none; undefined: to be detected
}

export type WorkerReply =
  | { readonly report: StageReport; readonly pixels: Uint8Array | null }
  | { readonly error: { readonly code: DatasetErrorCode; readonly message: string } };
