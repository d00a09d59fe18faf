/** `manifest.jsonl`: one line per picture of the source, in the order of their paths. */
import type { Candidate } from './collect.js';
import type { StageReport } from './stage.js';

export const manifestName = 'manifest.jsonl';

export interface ManifestLine extends Omit<StageReport, 'failure'> {
  readonly path: string; // in the source, '/' between folders
  readonly sha256: string | null; // of the file
  readonly bytes: number | null;
  readonly decision: 'kept' | 'dropped';
  readonly reason: string | null; // a DropReason
  readonly detail: string | null;
  readonly record: number | null; // number of the image in the dataset
  readonly duplicateOf?: string; // path of the earlier picture
}

export function manifestLine(
  candidate: Candidate,
  report: StageReport | null,
  record: number | null,
): string {
  const { picture, sha256, bytes, decision, duplicateOf } = candidate;
  const line: ManifestLine = {
    path: picture.path,
    sha256,
    bytes,
    decision: record === null ? 'dropped' : 'kept',
    reason: decision.reason,
    detail: decision.detail,
    record,
    ...(duplicateOf === null ? {} : { duplicateOf }),
    picture: report?.picture ?? null,
    faces: report?.faces ?? null,
    landmarks: report?.landmarks ?? null,
    confidence: report?.confidence ?? null,
    quad: report?.quad ?? null,
    scores: report?.scores ?? null,
  };
  return `${JSON.stringify(line)}\n`;
}
