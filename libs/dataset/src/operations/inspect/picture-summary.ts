/** What the manifest says of the pictures that a dataset was made from. */
import { summarize, type NumberSummary } from './histogram.js';
import type { ManifestEntry } from '../manifest-lines.js';

/** Measures of a picture, where the manifest has them. */
const measures = [
  'width',
  'height',
  'faceSize',
  'sharpness',
  'enlarged',
  'outside',
  'quality',
  'spectrum',
  'noise',
  'jpegQuality',
  'yaw',
  'pitch',
  'nearest',
] as const;
export type PictureMeasure = (typeof measures)[number];

export interface PictureSummary {
  readonly pictures: number;
  readonly candidates: number; // faces and whole pictures: lines of the manifest
  readonly kept: number;
  readonly dropped: Readonly<Record<string, number>>; // by reason
  readonly formats: Readonly<Record<string, number>>;
  readonly converted: Readonly<Record<string, number>>;
  /** Of the pictures that were kept; null for what no picture has. */
  readonly measures: Readonly<Record<PictureMeasure, NumberSummary | null>>;
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** What all faces of a picture share; the rest is of faces. */
const ofPictures: ReadonlySet<PictureMeasure> = new Set(['width', 'height', 'jpegQuality']);

/** Most frequent first. */
function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

/** Null for no entries. */
export async function summarizePictures(
  entries: AsyncIterable<ManifestEntry>,
): Promise<PictureSummary | null> {
  let [pictures, candidates, kept] = [0, 0, 0];
  // Reasons are text of a file: none of them may be taken for a property that all objects have.
  const counts = () => Object.create(null) as Record<string, number>;
  const [dropped, formats, converted] = [counts(), counts(), counts()];
  const values = new Map<PictureMeasure, number[]>(measures.map((measure) => [measure, []]));
  let lastKept: string | undefined; // faces of a picture follow each other
  for await (const { path, decision, reason, face, picture, scores } of entries) {
    candidates++;
    // Further faces of a picture have lines of their own.
    if (!face) {
      pictures++;
      if (picture?.format !== undefined) count(formats, picture.format);
      for (const what of picture?.converted ?? []) count(converted, what);
    }
    if (decision === 'dropped') {
      count(dropped, reason ?? 'unknown');
      continue;
    }
    kept++;
    const seen = path === lastKept;
    lastKept = path;
    const found = { ...scores, width: picture?.width, height: picture?.height };
    for (const [measure, list] of values) {
      if (seen && ofPictures.has(measure)) continue;
      const value = (found as Partial<Record<PictureMeasure, number | null>>)[measure];
      if (value !== null && value !== undefined) list.push(value);
    }
  }
  if (candidates === 0) return null;
  return {
    pictures,
    candidates,
    kept,
    dropped: sorted(dropped),
    formats: sorted(formats),
    converted: sorted(converted),
    measures: Object.fromEntries(
      Array.from(values, ([measure, list]) => [measure, summarize(list)]),
    ) as Record<PictureMeasure, NumberSummary | null>,
  };
}
