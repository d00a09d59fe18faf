/**
 * The dataset that a build replaces: what it knows of pictures that have not changed is not computed
 * again. Results of the same stage settings are taken as they are; with other settings (another size)
 * the faces that were detected are.
 */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import { TFRecordDataset } from '../records/dataset.js';
import { LevelReader } from '../records/level.js';
import { linesOf, openPlain } from '../records/plain-file.js';
import { readAt } from '../records/read-at.js';
import { sha256Of } from '../sha256.js';
import { manifestName, parseManifestLine, type ManifestLine, type ManifestScores } from './manifest.js';
import { facesOf } from './make-again.js';
import type { FinderSettings } from './finder-settings.js';
import { withConfidence } from './with-confidence.js';
import type { StageOptions } from './options.js';
import type { DropReason } from './reasons.js';
import { packed } from './result-log.js';
import type { PictureScores } from './scores.js';
import { limitReasons } from './select.js';
import { reportedFace, type FoundFace, type StageReport, type StageResult } from './stage.js';

/** Reasons that are not about the picture alone. */
const useless: ReadonlySet<DropReason | null> = new Set([
  'duplicate',
  'no-label',
  'worker-died',
  'failed',
] as const);

/** What a picture's lines are found by: its sha256, or that with the points of its first face. */
function lineKey(sha256: string, landmarks: readonly number[] | null): string {
  if (!landmarks) return sha256;
  return sha256Of(`${sha256} ${landmarks.join(' ')}`);
}

/** Lines of a manifest by the key of their picture: where they lie, in about 100 bytes a picture. */
class ManifestLines {
  readonly #pictureOf = new Map<string, number>();
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = []; // of all lines of a picture, which come one after the other

  private constructor(private readonly handle: FileHandle) {}

  /**
   * Leaves out lines that tell nothing of the picture itself, or nothing that we understand. `listed`: faces come from
   * a list, in which copies of a picture may differ.
   */
  static async open(file: string, listed: boolean): Promise<ManifestLines> {
    const lines = new ManifestLines(await openPlain(file));
    try {
      let last: { readonly path: string; readonly key: string } | undefined;
      for await (const { text, offset, length } of linesOf(file)) {
        const line = parseManifestLine(text);
        const usable = line?.sha256 && !useless.has(line.reason) ? line : undefined;
        if (!usable) last = undefined;
        else if (last?.path === usable.path) lines.#extend(last.key, offset, length);
        else {
          last = { path: usable.path, key: lineKey(usable.sha256!, listed ? usable.landmarks : null) };
          lines.#add(last.key, offset, length);
        }
      }
      return lines;
    } catch (error) {
      await lines.close();
      throw error;
    }
  }

  /** Of all candidates of the picture; undefined when it is not known, or not all of them are. */
  async find(
    sha256: string,
    landmarks: readonly number[] | null = null,
  ): Promise<ManifestLine[] | undefined> {
    const picture = this.#pictureOf.get(packed(lineKey(sha256, landmarks)));
    if (picture === undefined) return undefined;
    const bytes = await readAt(this.handle, this.#offsets[picture]!, this.#lengths[picture]!);
    const lines = bytes.toString('utf8').split('\n').map(parseManifestLine);
    const whole = lines.every((line, face) => line?.sha256 === sha256 && (line.face ?? 0) === face);
    return whole ? (lines as ManifestLine[]) : undefined;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  #add(key: string, offset: number, length: number): void {
    if (this.#pictureOf.has(packed(key))) return;
    this.#pictureOf.set(packed(key), this.#offsets.push(offset) - 1);
    this.#lengths.push(length);
  }

  /** Another face of the picture of the line before. */
  #extend(key: string, offset: number, length: number): void {
    const picture = this.#pictureOf.get(packed(key))!;
    const start = this.#offsets[picture]!;
    // Of equal pictures the first one's lines count.
    if (offset === start + this.#lengths[picture]! + 1) this.#lengths[picture] = offset + length - start;
  }
}

/** How near others are is about the dataset, not about the picture. */
function withoutNearest(scores: ManifestScores): PictureScores {
  return Object.fromEntries(Object.entries(scores).filter(([name]) => name !== 'nearest')) as never;
}

function reportOf({ decision, reason, detail, ...line }: ManifestLine): StageReport {
  // Of a face that lies wholly outside nothing was made that other limits could let in.
  const limited = reason === null || (limitReasons.has(reason) && line.scores !== null);
  const failed = decision === 'dropped' && !limited;
  return {
    picture: line.picture,
    face: line.face,
    faces: line.faces,
    landmarks: line.landmarks,
    confidence: line.confidence,
    quad: line.quad,
    scores: line.scores && withoutNearest(line.scores),
    hash: line.hash,
    failure: failed ? { reason: reason!, detail: detail ?? '' } : null,
  };
}

/** Whether the lines are of these faces: those of a list for a picture. */
function showListed(lines: readonly ManifestLine[], listed: readonly FoundFace[], noFace: string): boolean {
  const [{ faces, reason, detail }] = lines as [ManifestLine];
  // Nothing could be made of the picture, whoever it shows.
  if (faces === null) return true;
  if (reason === 'no-face') return listed.length === 0 && detail === noFace;
  return lines.every((line, i) => {
    if (listed[i]?.faces !== line.faces) return false;
    const { landmarks, confidence } = reportedFace(listed[i]);
    return confidence === line.confidence && landmarks.join(' ') === line.landmarks?.join(' ');
  });
}

export interface PreviousSettings extends FinderSettings {
  readonly stage: unknown; // everything that decides the bytes of an image
}

/** What the new build wants. */
export interface PreviousWanted {
  readonly faces: StageOptions['faces'];
  readonly listed: boolean; // faces come from a list
  readonly noFace: string; // what the manifest says of a picture without a face, where they do
}

export class PreviousDataset {
  private constructor(
    private readonly lines: ManifestLines,
    private readonly pixels: LevelReader | null, // null: made with other settings
    private readonly wanted: PreviousWanted,
    private readonly least: number | undefined, // confidence, where it is more than the dataset was made with
  ) {}

  /** Null when there is no dataset in `directory`, or none that can serve. */
  static async open(
    directory: string,
    settings: PreviousSettings,
    wanted: PreviousWanted,
  ): Promise<PreviousDataset | null> {
    try {
      const dataset = await TFRecordDataset.open(directory, { labels: false });
      const theirs = dataset.index?.settings as Partial<PreviousSettings> | undefined;
      if (theirs?.finder !== settings.finder) return null;
      const [before = 0, least = 0] = [theirs.leastConfidence, settings.leastConfidence];
      if (least < before) return null;
      const sameStage = JSON.stringify(theirs.stage) === JSON.stringify(settings.stage);
      const lines = await ManifestLines.open(join(directory, manifestName), wanted.listed);
      const top = dataset.levels.get(Math.max(...dataset.levels.keys()))!;
      return new PreviousDataset(
        lines,
        sameStage ? new LevelReader(top, 0) : null,
        wanted,
        least > before ? least : undefined,
      );
    } catch (error) {
      // A damaged dataset is no reason not to build it anew.
      const code = (error as NodeJS.ErrnoException).code;
      if (error instanceof DatasetError || error instanceof SyntaxError || code === 'ENOENT') return null;
      throw error;
    }
  }

  /**
   * Results of a picture's candidates, without pixels for those that were dropped; undefined when not all are known.
   * `listed`: its faces, where they come from a list.
   */
  async find(sha256: string, listed: readonly FoundFace[] = []): Promise<StageResult[] | undefined> {
    if (!this.pixels) return undefined;
    const lines = this.wanted.listed
      ? await this.#findListed(sha256, listed)
      : await this.#findDetected(sha256);
    if (!lines || (this.wanted.listed && !this.#complete(lines, listed))) return undefined;
    const results: StageResult[] = [];
    for (const line of lines) {
      const { record } = line;
      const pixels =
        record === null ? null : await this.pixels.read(Int32Array.of(record)).catch(() => undefined);
      if (pixels === undefined) return undefined;
      results.push({ report: reportOf(line), pixels });
    }
    return results;
  }

  /** The faces that were detected in a picture, undefined when that is not known. */
  async faces(sha256: string): Promise<readonly FoundFace[] | undefined> {
    const lines = await this.#findDetected(sha256);
    if (!lines || typeof lines[0]!.faces !== 'number') return undefined;
    return lines.flatMap((line) => facesOf(line));
  }

  /** Lines of all faces that are wanted. */
  async #findDetected(sha256: string): Promise<readonly ManifestLine[] | undefined> {
    const lines = await this.lines.find(sha256);
    if (!lines || !this.#complete(lines)) return undefined;
    return this.least === undefined ? lines : withConfidence(lines, this.least);
  }

  async #findListed(sha256: string, listed: readonly FoundFace[]) {
    const landmarks = listed[0] ? reportedFace(listed[0]).landmarks : null;
    const lines =
      (await this.lines.find(sha256, landmarks)) ?? (landmarks && (await this.lines.find(sha256)));
    return lines && showListed(lines, listed, this.wanted.noFace) ? lines : undefined;
  }

  /** Whether there is a line for every face that is wanted. A list may say that there are more than it has. */
  #complete(lines: readonly ManifestLine[], listed: readonly FoundFace[] = []): boolean {
    const known = lines[0]!.faces ?? 0;
    const faces = this.wanted.listed ? Math.min(known, listed.length) : known;
    return lines.length === (this.wanted.faces === 'largest' ? 1 : Math.max(1, faces));
  }

  async close(): Promise<void> {
    await this.lines.close();
    await this.pixels?.close();
  }
}
