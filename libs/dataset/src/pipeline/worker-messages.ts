/** What the pool and its worker threads tell each other. */
import type { DatasetErrorCode } from '../errors.js';
import type { StageOptions } from './options.js';
import type { StageReport } from './stage.js';

export interface WorkerSetup {
  readonly options: StageOptions;
  readonly faceModel: string | null; // null: points come with every picture, or are not needed
}

export interface WorkerTask {
  readonly bytes: Uint8Array; // moved, not copied
  readonly points: Float32Array | null; // landmarks of the annotation; null: detect, or not annotated
}

export type WorkerReply =
  | { readonly report: StageReport; readonly pixels: Uint8Array | null }
  | { readonly error: { readonly code: DatasetErrorCode | null; readonly message: string } };
