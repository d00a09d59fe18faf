/** What a detector would have found in a picture with a higher limit on its confidence. */
import type { ManifestLine } from './manifest.js';
import { noFaceFound, nothingKnown } from './stage.js';

/** Half of the last digit that manifests have of a confidence. */
const rounding = 0.00005;

/**
 * Lines of the faces that are sure enough, numbered anew. Undefined where the lines do not tell: faces that were not
 * wanted have none, and a confidence may be too near to the limit to say on which side it was.
 */
export function withConfidence(
  lines: readonly ManifestLine[],
  least: number, // 0…1
): readonly ManifestLine[] | undefined {
  const { faces } = lines[0]!;
  if (!faces) return lines;
  const told = lines.every(
    ({ confidence }) => confidence !== null && Math.abs(confidence - least) > rounding,
  );
  if (!told || lines.length !== faces) return undefined;
  const sure = lines.filter(({ confidence }) => confidence! > least);
  if (sure.length > 0) return sure.map((line, face) => ({ ...line, face, faces: sure.length }));
  const noFace = {
    decision: 'dropped',
    reason: 'no-face',
    detail: noFaceFound,
    record: null,
  } as const;
  return [{ ...lines[0]!, ...nothingKnown, picture: lines[0]!.picture, faces: 0, ...noFace }];
}
