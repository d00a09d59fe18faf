/** First pass over a manifest: counts, histograms, and a few faces of every group that a report shows. */
import { recordsOf, type ManifestEntry } from '../manifest-lines.js';
import { faceEntry, shortened, type FaceEntry } from './face-entry.js';
import { comparable, meets, type ScoreLimit } from './limits.js';
import { Least, Sample } from './samples.js';
import { ScoreHistogram, type Both } from './score-histogram.js';

/** A manifest that names more has others counted together, or left out. */
const [mostScores, mostReasons, mostNotes] = [48, 48, 1000];
/** Texts of a column that a report lists. */
export const mostNotesShown = 30;
export const otherReasons = 'others';

export interface LimitSurvey {
  readonly limit: ScoreLimit;
  readonly beyond: { count: number }; // faces that do not meet it
  readonly failing: Least<FaceEntry>; // nearest to the line
  readonly meeting: Least<FaceEntry>;
}

export interface ScoreSurvey {
  readonly histogram: ScoreHistogram;
  readonly limits: readonly LimitSurvey[];
  readonly lowest: Least<FaceEntry>;
  readonly highest: Least<FaceEntry>;
}

export interface Survey {
  lines: number;
  kept: number;
  readonly scores: ReadonlyMap<string, ScoreSurvey>;
  readonly reasons: ReadonlyMap<string, Sample<FaceEntry>>;
  readonly twins: Sample<FaceEntry>; // duplicates of an earlier picture
  readonly framed: Readonly<Record<'kept' | 'dropped', Sample<FaceEntry>>>; // with a quad to draw
  /** By the texts of a column; `''` for faces without it. */
  readonly notes: ReadonlyMap<string, ReadonlyMap<string, Both>>;
  unlistedNotes: number; // faces whose text was one too many
}

export interface SurveyOptions {
  readonly limits: readonly ScoreLimit[];
  readonly examples: number; // of every group
  readonly seed: number;
}

class Surveyor implements Survey {
  lines = 0;
  kept = 0;
  unlistedNotes = 0;
  readonly scores = new Map<string, ScoreSurvey>();
  readonly reasons = new Map<string, Sample<FaceEntry>>();
  readonly notes = new Map<string, Map<string, Both>>();
  readonly twins: Sample<FaceEntry>;
  readonly framed: Record<'kept' | 'dropped', Sample<FaceEntry>>;

  constructor(private readonly options: SurveyOptions) {
    const { examples, seed } = options;
    this.twins = new Sample(examples, seed);
    this.framed = {
      kept: new Sample(Math.ceil(examples / 2), seed),
      dropped: new Sample(Math.floor(examples / 2), seed),
    };
    // Scores with a line come first, whatever the manifest names.
    for (const { score } of options.limits) this.#scoreOf(score);
  }

  add(entry: ManifestEntry): void {
    const line = ++this.lines;
    const face = faceEntry(entry, line);
    const make = () => face;
    if (face.kept) this.kept++;
    else this.#reasonOf(shortened(face.reason ?? 'unknown')).offer(make);
    if (face.twin !== null) this.twins.offer(make);
    if (face.quad && face.picture) this.framed[face.kept ? 'kept' : 'dropped'].offer(make);
    for (const [name, measured] of Object.entries(face.scores)) {
      if (measured === null || !Number.isFinite(measured)) continue;
      const value = comparable(name, measured);
      const score = this.#scoreOf(name);
      if (!score) continue;
      score.histogram.add(value, face.kept);
      score.lowest.offer(value, make);
      score.highest.offer(-value, make);
      for (const { limit, beyond, failing, meeting } of score.limits) {
        const met = meets(limit, value);
        (met ? meeting : failing).offer(Math.abs(value - limit.at), make);
        if (!met) beyond.count++;
      }
    }
    this.#note(face);
  }

  #scoreOf(name: string): ScoreSurvey | undefined {
    const known = this.scores.get(name);
    if (known || this.scores.size >= mostScores) return known;
    const { limits, examples } = this.options;
    const least = () => new Least<FaceEntry>(examples);
    const fresh: ScoreSurvey = {
      histogram: new ScoreHistogram(),
      limits: limits
        .filter(({ score }) => score === name)
        .map((limit) => ({ limit, beyond: { count: 0 }, failing: least(), meeting: least() })),
      lowest: least(),
      highest: least(),
    };
    this.scores.set(name, fresh);
    return fresh;
  }

  #reasonOf(reason: string): Sample<FaceEntry> {
    const name = this.reasons.has(reason) || this.reasons.size < mostReasons ? reason : otherReasons;
    const sample = this.reasons.get(name) ?? new Sample<FaceEntry>(this.options.examples, this.options.seed);
    this.reasons.set(name, sample);
    return sample;
  }

  #note({ columns, kept }: FaceEntry): void {
    for (const [name, value] of columns) {
      const texts = this.notes.get(name) ?? new Map<string, Both>();
      const count = texts.get(value);
      if (!count && this.#noted >= mostNotes) {
        this.unlistedNotes++;
        continue;
      }
      if (!count) this.#noted++;
      const both = count ?? { kept: 0, dropped: 0 };
      both[kept ? 'kept' : 'dropped']++;
      texts.set(value, both);
      this.notes.set(name, texts);
    }
  }

  #noted = 0;
}

/** In memory at the end: some faces of every group, and counts; nothing grows with the number of lines. */
export async function surveyManifest(
  entries: AsyncIterable<ManifestEntry>,
  options: SurveyOptions,
  onLine: (line: number) => void,
): Promise<Survey> {
  const survey = new Surveyor(options);
  for await (const entry of entries) {
    survey.add(entry);
    onLine(survey.lines);
  }
  return survey;
}

/** What a second pass fetches: other lines that the chosen ones lead to. */
export interface Wanted {
  readonly paths: ReadonlySet<string>; // every line of these pictures
  readonly records: ReadonlySet<number>; // the line of each of these images
}

export interface Fetched {
  readonly byPath: ReadonlyMap<string, readonly FaceEntry[]>;
  readonly byRecord: ReadonlyMap<number, FaceEntry>;
}

/** More faces of one picture are not drawn. */
const mostOfPicture = 100;

export async function fetchEntries(
  entries: AsyncIterable<ManifestEntry>,
  { paths, records }: Wanted,
): Promise<Fetched> {
  const byPath = new Map<string, FaceEntry[]>();
  const byRecord = new Map<number, FaceEntry>();
  if (paths.size === 0 && records.size === 0) return { byPath, byRecord };
  let line = 0;
  for await (const entry of entries) {
    line++;
    const wanted = recordsOf(entry).filter((record) => records.has(record));
    if (wanted.length === 0 && !paths.has(entry.path)) continue;
    const face = faceEntry(entry, line);
    for (const record of wanted) byRecord.set(record, face);
    if (!paths.has(entry.path)) continue;
    const known = byPath.get(entry.path) ?? [];
    if (known.length < mostOfPicture) known.push(face);
    byPath.set(entry.path, known);
  }
  return { byPath, byRecord };
}
