/** What is known of the pictures of a build without looking at them: labels, faces, notes. */
import { readSidecarLandmarks } from '../landmarks/sidecar.js';
import type { Source } from '../sources/source.js';
import type { CollectContext, Collected } from './collect.js';
import { chooseLabels, type PictureLabels } from './labels.js';
import { readNotes, type PictureNotes } from './notes.js';
import type { BuildOptions, BuildPlan } from './options.js';
import { matchSidecar, type SidecarMatch } from './sidecar-match.js';

type ListedFaces = NonNullable<CollectContext['landmarks']>;

export interface AnnotatedBuild {
  readonly options: BuildOptions;
  readonly plan: BuildPlan;
  readonly kind: string; // of the source
  readonly source: Source;
  readonly landmarks: 'annotation' | 'detected' | 'none';
}

export interface Annotations {
  readonly labels: PictureLabels | null;
  readonly faces: ListedFaces | null; // null: detected, or not needed
  readonly notes: PictureNotes | null;
  readonly sidecars: readonly SidecarMatch[];
}

/**
 * Files are read, and held against the pictures, before any of these is looked at.
 * @throws DatasetError `annotation-invalid`, `option-invalid`
 */
export async function readAnnotations({
  options,
  plan,
  source,
  kind,
  landmarks,
}: AnnotatedBuild): Promise<Annotations> {
  const sidecars: SidecarMatch[] = [];
  // What a set suggests does not count where it comes without labels.
  const suggested = options.labels === undefined && !source.labels;
  const labels = suggested ? null : await chooseLabels(plan.prepare.labels, source, kind, options);
  if (labels?.match) sidecars.push(labels.match);
  let faces: ListedFaces | null = null;
  if (landmarks === 'annotation' && typeof options.landmarks === 'object') {
    const listed = await readSidecarLandmarks(options.landmarks.file);
    sidecars.push(matchSidecar('landmarks', listed.paths, source, options));
    faces = (i) => listed.of(source.path(i)).map((landmarks, face) => ({ ...landmarks, face }));
  } else if (landmarks === 'annotation') {
    faces = (i) => {
      const points = source.landmarks!(i);
      return points ? [{ points, face: 0, faces: 1 }] : [];
    };
  }
  const notes = options.notes === undefined ? null : await readNotes(options.notes);
  if (notes) sidecars.push(matchSidecar('notes', notes.paths, source, options));
  return { labels, faces, notes, sidecars };
}

/** Labels that no kept picture has. */
export function unusedLabels(labels: PictureLabels, { outcomes, considered }: Collected): string[] {
  const used = new Uint8Array(labels.names.length);
  for (const picture of outcomes.keptBefore(considered).pictureOf)
    labels.row(picture)!.forEach((value, component) => (used[component]! |= Number(value !== 0)));
  return labels.names.filter((_, component) => used[component] === 0);
}
