/**
 * The dataset that a build replaces: what it knows of pictures that have not changed is not computed
 * again. Results of the same stage settings are taken as they are; with other settings (another size)
 * the faces that were detected are.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatasetError } from '../errors.js';
import { TFRecordDataset } from '../records/dataset.js';
import { LevelReader } from '../records/level.js';
import { manifestName, type ManifestLine } from './manifest.js';
import type { SelectionOptions } from './options.js';
import { dropReasons, type DropReason } from './reasons.js';
import { decide, limitReasons } from './select.js';
import type { FoundFace, StageReport, StageResult } from './stage.js';

/** A line of the manifest, parsed when it is asked for: as text it takes a third of the memory. */
type Text = string;

function reportOf({ decision, reason, detail, ...line }: ManifestLine): StageReport {
  const failed = decision === 'dropped' && reason !== null && !limitReasons.has(reason as DropReason);
  return {
    picture: line.picture,
    faces: line.faces,
    landmarks: line.landmarks,
    confidence: line.confidence,
    quad: line.quad,
    scores: line.scores,
    failure: failed ? { reason: reason as DropReason, detail: detail ?? '' } : null,
  };
}

export interface PreviousSettings {
  readonly stage: unknown; // everything that decides the bytes of an image
  readonly finder: string; // how faces were found
}

export class PreviousDataset {
  private constructor(
    private readonly lines: ReadonlyMap<string, Text>,
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
      const lines = new Map<string, Text>();
      const input = createReadStream(join(directory, manifestName), 'utf8');
      for await (const text of createInterface({ input })) {
        const { sha256, reason } = JSON.parse(text) as ManifestLine;
        const useless = reason === 'duplicate' || reason === 'no-label' || reason === 'failed';
        if (sha256 !== null && !useless && !lines.has(sha256)) lines.set(sha256, text);
      }
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
    const text = this.pixels && this.lines.get(sha256);
    if (!text || !this.pixels) return undefined;
    const line = JSON.parse(text) as ManifestLine;
    const report = reportOf(line);
    if (line.reason !== null && !(line.reason in dropReasons)) return undefined;
    if (line.record !== null) {
      const pixels = await this.pixels.read(Int32Array.of(line.record)).catch(() => undefined);
      return pixels && { report, pixels };
    }
    return decide(report, select).reason === null ? undefined : { report, pixels: null };
  }

  /** The face that was detected in a picture, null when it had none, undefined when that is not known. */
  face(sha256: string): FoundFace | null | undefined {
    const text = this.lines.get(sha256);
    if (!text) return undefined;
    const { faces, landmarks, confidence } = JSON.parse(text) as ManifestLine;
    if (faces === 0) return null;
    if (!landmarks || faces === null) return undefined;
    return { points: landmarks, faces, ...(confidence === null ? {} : { confidence }) };
  }

  async close(): Promise<void> {
    await this.pixels?.close();
  }
}
