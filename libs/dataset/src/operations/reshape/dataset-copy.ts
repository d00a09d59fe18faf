/** A dataset written from images of other datasets, with labels, manifest and contact sheet as a build has them. */
import { manifestName } from '../../pipeline/manifest.js';
import { DatasetSheet, sheetName } from '../../pipeline/sheet.js';
import { WorkFolder } from '../../pipeline/work-folder.js';
import { TFRecordExporter, type ExporterOptions } from '../../records/exporter.js';
import type { ImageSize } from '../../records/image-size.js';
import type { DatasetIndex } from '../../records/index-file.js';
import { explainOutput } from '../../records/output-folder.js';
import type { ManifestEntry } from '../manifest-lines.js';

const advice = 'free some space or choose another folder; nothing was left there';

/** Manifest lines per write. */
const linesAtOnce = 100;

export interface CopyOptions extends ExporterOptions {
  readonly size: ImageSize;
  readonly images: number; // how many there will be
  readonly labels: { readonly components: number; readonly names: readonly string[] | null } | null;
}

/** Versions of the other programs that made a dataset; ours is added when the copy is written. */
export function foreignVersions(index: DatasetIndex | null): Record<string, string> {
  const { '@pggan/dataset': ours, ...versions } = index?.versions ?? {};
  return ours === undefined ? { ...index?.versions } : versions;
}

async function* formatted(entries: AsyncIterable<ManifestEntry>): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const entry of entries) {
    lines.push(`${JSON.stringify(entry)}\n`);
    if (lines.length === linesAtOnce) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

/** `add` every image, `complete`, `finish`; then or after any error `close`. */
export class DatasetCopy {
  readonly #labels: Float32Array | null;
  readonly #sheet: DatasetSheet;
  #finished = false;

  private constructor(
    private readonly out: string,
    private readonly exporter: TFRecordExporter,
    private readonly lock: WorkFolder,
    private readonly options: CopyOptions,
  ) {
    const { images, labels, size, channels } = options;
    this.#labels = labels && new Float32Array(images * labels.components);
    this.#sheet = new DatasetSheet(size, channels);
  }

  /** @throws DatasetError `output-refused`, `output-busy`, `option-invalid` */
  static async create(out: string, options: CopyOptions): Promise<DatasetCopy> {
    // The same lock that keeps a second build out.
    const lock = await WorkFolder.open(out);
    try {
      return new DatasetCopy(out, await TFRecordExporter.create(out, options), lock, options);
    } catch (error) {
      await lock.close(true);
      throw explainOutput(error, out, advice);
    }
  }

  /** `image`: uint8 CHW; `row`: its labels, when there are labels. */
  async add(image: Uint8Array, row: Float32Array | null): Promise<void> {
    const { images } = this.exporter;
    if (row) this.#labels?.set(row, images * row.length);
    this.#sheet.add(image);
    await this.#written(this.exporter.add(image));
  }

  /** Everything besides the images. */
  async complete(manifest: AsyncIterable<ManifestEntry>): Promise<void> {
    const { labels } = this.options;
    if (labels) await this.#written(this.exporter.addLabels(this.#labels!, labels.components, labels.names));
    await this.#written(this.exporter.addFile(manifestName, formatted(manifest)));
    await this.#written(this.exporter.addFile(sheetName, await this.#sheet.draw()));
  }

  /** Puts the folder in place. */
  async finish(): Promise<DatasetIndex> {
    const index = await this.#written(this.exporter.finish());
    this.#finished = true;
    return index;
  }

  /** Leaves nothing of a dataset that is not in place. */
  async close(): Promise<void> {
    if (!this.#finished) await this.exporter.discard();
    await this.lock.close(true);
  }

  async #written<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw explainOutput(error, this.out, advice);
    });
  }
}
