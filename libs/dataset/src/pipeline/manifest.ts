/** `manifest.jsonl`: one line per picture of the source, in the order of the source. */
import type { StageReport } from './stage.js';

export const manifestName = 'manifest.jsonl';

export interface ManifestLine extends Omit<StageReport, 'failure'> {
  readonly path: string; // in the source, '/' between folders
  readonly sha256: string | null; // of the picture's bytes
  readonly bytes: number | null;
  readonly decision: 'kept' | 'dropped';
  readonly reason: string | null; // a DropReason
  readonly detail: string | null;
  readonly record: number | null; // number of its image in the dataset
  readonly mirrored?: number; // number of its mirror image
  readonly duplicateOf?: string; // path of the earlier picture
}

export function formatManifestLine(line: ManifestLine): string {
  return `${JSON.stringify(line)}\n`;
}
