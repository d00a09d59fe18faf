/**
 * `manifest.jsonl`: one line per candidate, in the order of the source: for every face of a picture, the largest first,
 * or for a picture that has none or is taken as a whole.
 */
import { z } from 'zod';
import { dropReasons, type DropReason, type Mark } from './reasons.js';
import type { PictureScores } from './scores.js';
import type { StageReport } from './stage.js';

export const manifestName = 'manifest.jsonl';

export interface ManifestScores extends PictureScores {
  /**
   * Of a face within the limits: bits in which its perceptual hash differs from that of the nearest other one, 0…12;
   * null when none is as near. Absent for others.
   */
  readonly nearest?: number | null;
}

/** README.md describes the fields. */
export interface ManifestLine extends Omit<StageReport, 'failure' | 'scores'> {
  readonly path: string; // in the source, '/' between folders
  readonly sha256: string | null; // of the picture's bytes
  readonly bytes: number | null;
  readonly decision: 'kept' | 'dropped';
  readonly reason: DropReason | null;
  readonly detail: string | null;
  readonly record: number | null; // number of its image in the dataset
  readonly mirrored?: number; // number of its mirror image
  readonly duplicateOf?: string; // path of the earlier picture
  readonly nearDuplicateOf?: { readonly path: string; readonly face: number }; // the better one that shows the same
  readonly marks?: readonly Mark[]; // what is kept all the same
  readonly scores: ManifestScores | null;
  readonly notes?: Readonly<Record<string, string>>; // the picture's row of the notes, by column
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
  face: record.nullable(),
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
  hash: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
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
