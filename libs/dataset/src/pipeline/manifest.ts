/** `manifest.jsonl`: one line per picture of the source, in the order of the source. */
import { z } from 'zod';
import { dropReasons, type DropReason } from './reasons.js';
import type { StageReport } from './stage.js';

export const manifestName = 'manifest.jsonl';

export interface ManifestLine extends Omit<StageReport, 'failure'> {
  readonly path: string; // in the source, '/' between folders
  readonly sha256: string | null; // of the picture's bytes
  readonly bytes: number | null;
  readonly decision: 'kept' | 'dropped';
  readonly reason: DropReason | null;
  readonly detail: string | null;
  readonly record: number | null; // number of its image in the dataset
  readonly mirrored?: number; // number of its mirror image
  readonly duplicateOf?: string; // path of the earlier picture
}

export function formatManifestLine(line: ManifestLine): string {
  return `${JSON.stringify(line)}\n`;
}

const number = z.number();
const record = number.int().nonnegative();

/** What a later build or repair rests on; further fields of picture and scores are kept as they are. */
const lineSchema = z.looseObject({
  path: z.string(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  decision: z.enum(['kept', 'dropped']),
  reason: z.enum(Object.keys(dropReasons) as [DropReason, ...DropReason[]]).nullable(),
  detail: z.string().nullable(),
  record: record.nullable(),
  mirrored: record.optional(),
  picture: z.looseObject({ width: number, height: number }).nullable(),
  faces: number.nullable(),
  landmarks: z.array(number).length(10).nullable(),
  confidence: number.nullable(),
  quad: z.array(number).length(8).nullable(),
  scores: z
    .looseObject({
      eyeDistance: number.nullable(),
      faceSize: number,
      enlarged: number,
      outside: number,
      sharpness: number,
    })
    .nullable(),
});

/** A line as a build writes it, or undefined when it is none. */
export function parseManifestLine(text: string): ManifestLine | undefined {
  try {
    const json = JSON.parse(text) as unknown;
    // As it was written, with its fields in their order.
    return lineSchema.safeParse(json).success ? (json as ManifestLine) : undefined;
  } catch {
    return undefined;
  }
}
