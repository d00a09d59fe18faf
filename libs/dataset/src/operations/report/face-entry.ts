/** What a report keeps of a manifest line: one face, or a picture that was taken whole or not at all. */
import { z } from 'zod';
import type { ManifestEntry } from '../manifest-lines.js';

export interface FaceEntry {
  readonly line: number; // of the manifest, from 1
  readonly path: string;
  readonly face: number | null; // of several in a picture, 0 is the largest
  readonly sha256: string | null;
  readonly kept: boolean;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly record: number | null;
  readonly picture: { readonly width: number; readonly height: number } | null;
  readonly quad: readonly number[] | null; // eight, pixels of the upright picture
  readonly landmarks: readonly number[] | null; // ten
  readonly scores: Readonly<Record<string, number | null>>;
  readonly twin: Twin | null; // what it is a duplicate of
  readonly columns: readonly Column[]; // licence, origin and whatever else was noted
}

/** Another line: of an earlier picture with the same bytes, or of a better face that looks the same. */
export interface Twin {
  readonly path: string;
  readonly face: number | null; // null: whichever comes first
}

/** A note about a picture, by the name of its column. */
export type Column = readonly [name: string, value: string];

const number = z.number();
const extraSchema = z.looseObject({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish()
    .catch(null),
  detail: z.string().nullish().catch(null),
  quad: z.array(number).length(8).nullish().catch(null),
  landmarks: z.array(number).length(10).nullish().catch(null),
  duplicateOf: z.string().nullish().catch(null),
  nearDuplicateOf: z.object({ path: z.string(), face: number }).nullish().catch(null),
  confidence: number.nullish().catch(null),
});

const mostColumns = 12;
/** Characters of a text of others that are shown. */
const longestText = 300;

export const shortened = (text: string) =>
  text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;

/** Notes are an object of plain values, or one of these. */
function columnsOf(name: string, notes: unknown): Column[] {
  if (notes === null || notes === undefined) return [];
  if (typeof notes !== 'object') return [[name, shortened(String(notes as string | number | boolean))]];
  return Object.entries(notes).flatMap(([key, value]) =>
    value === null || value === ''
      ? []
      : [[shortened(key), shortened(typeof value === 'string' ? value : JSON.stringify(value))] as const],
  );
}

export function faceEntry(entry: ManifestEntry, line: number): FaceEntry {
  const { sha256, detail, quad, landmarks, confidence, duplicateOf, nearDuplicateOf } =
    extraSchema.parse(entry);
  const { path, face, decision, reason, record, picture, scores } = entry;
  const same = typeof duplicateOf === 'string' ? { path: duplicateOf, face: null } : null;
  return {
    line,
    path,
    face: face ?? null,
    sha256: sha256 ?? null,
    kept: decision === 'kept',
    reason: reason ?? null,
    detail: detail ?? null,
    record: record ?? null,
    picture: picture ?? null,
    quad: quad ?? null,
    landmarks: landmarks ?? null,
    scores: { ...scores, confidence: confidence ?? null },
    twin: nearDuplicateOf ?? same,
    columns: [...columnsOf('notes', entry['notes']), ...columnsOf('origin', entry['origin'])].slice(
      0,
      mostColumns,
    ),
  };
}
