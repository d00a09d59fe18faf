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
import { manifestName, parseManifestLine, type ManifestLine } from './manifest.js';
import type { SelectionOptions } from './options.js';
import type { DropReason } from './reasons.js';
import { packed } from './result-log.js';
import { decide, limitReasons } from './select.js';
import type { FoundFace, StageReport, StageResult } from './stage.js';

/** Reasons that are not about the picture alone. */
const useless: ReadonlySet<DropReason | null> = new Set([
  'duplicate',
  'no-label',
  'worker-died',
  'failed',
] as const);

/** Lines of a manifest by the sha256 of their picture: where they lie, in about 100 bytes each. */
class ManifestLines {
  readonly #lineOf = new Map<string, number>();
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];

  private constructor(private readonly handle: FileHandle) {}

  /** Leaves out lines that tell nothing of the picture itself, or nothing that we understand. */
  static async open(file: string): Promise<ManifestLines> {
    const lines = new ManifestLines(await openPlain(file));
    try {
      for await (const { text, offset, length } of linesOf(file)) {
        const line = parseManifestLine(text);
        if (!line?.sha256 || useless.has(line.reason)) continue;
        lines.#add(packed(line.sha256), offset, length);
      }
      return lines;
    } catch (error) {
      await lines.close();
      throw error;
    }
  }

  async find(sha256: string): Promise<ManifestLine | undefined> {
    const line = this.#lineOf.get(packed(sha256));
    if (line === undefined) return undefined;
    const text = await readAt(this.handle, this.#offsets[line]!, this.#lengths[line]!);
    return parseManifestLine(text.toString('utf8'));
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  #add(key: string, offset: number, length: number): void {
    if (this.#lineOf.has(key)) return;
    this.#lineOf.set(key, this.#offsets.push(offset) - 1);
    this.#lengths.push(length);
  }
}

function reportOf({ decision, reason, detail, ...line }: ManifestLine): StageReport {
  const failed = decision === 'dropped' && reason !== null && !limitReasons.has(reason);
  return {
    picture: line.picture,
    faces: line.faces,
    landmarks: line.landmarks,
    confidence: line.confidence,
    quad: line.quad,
    scores: line.scores,
    failure: failed ? { reason, detail: detail ?? '' } : null,
  };
}

export interface PreviousSettings {
  readonly stage: unknown; // everything that decides the bytes of an image
  readonly finder: string; // how faces were found
}

export class PreviousDataset {
  private constructor(
    private readonly lines: ManifestLines,
    private readonly pixels: LevelReader | null, // null: made with other settings
  ) {}

  /**
   * Null when there is no dataset in `directory`, or none that can serve. Only pictures that are their
   * own key are known: those whose landmarks come from a list are quickly aligned anyway.
   */
  static async open(directory: string, settings: PreviousSettings): Promise<PreviousDataset | null> {
    try {
      const dataset = await TFRecordDataset.open(directory, { labels: false });
      const theirs = dataset.index?.settings as { stage?: unknown; finder?: unknown } | undefined;
      if (theirs?.finder !== settings.finder || settings.finder === 'annotation') return null;
      const sameStage = JSON.stringify(theirs.stage) === JSON.stringify(settings.stage);
      const lines = await ManifestLines.open(join(directory, manifestName));
      const top = dataset.levels.get(Math.max(...dataset.levels.keys()))!;
      return new PreviousDataset(lines, sameStage ? new LevelReader(top, 0) : null);
    } catch (error) {
      // A damaged dataset is no reason not to build it anew.
      const code = (error as NodeJS.ErrnoException).code;
      if (error instanceof DatasetError || error instanceof SyntaxError || code === 'ENOENT') return null;
      throw error;
    }
  }

  /** The result of a picture, if it can be used with these limits. */
  async find(sha256: string, select: SelectionOptions): Promise<StageResult | undefined> {
    const line = this.pixels && (await this.lines.find(sha256));
    if (!line || !this.pixels) return undefined;
    const report = reportOf(line);
    if (line.record !== null) {
      const pixels = await this.pixels.read(Int32Array.of(line.record)).catch(() => undefined);
      return pixels && { report, pixels };
    }
    return decide(report, select).reason === null ? undefined : { report, pixels: null };
  }

  /** The face that was detected in a picture, null when it had none, undefined when that is not known. */
  async face(sha256: string): Promise<FoundFace | null | undefined> {
    const line = await this.lines.find(sha256);
    if (!line) return undefined;
    const { faces, landmarks, confidence } = line;
    if (faces === 0) return null;
    if (!landmarks || faces === null) return undefined;
    return { points: landmarks, faces, ...(confidence === null ? {} : { confidence }) };
  }

  async close(): Promise<void> {
    await this.lines.close();
    await this.pixels?.close();
  }
}
