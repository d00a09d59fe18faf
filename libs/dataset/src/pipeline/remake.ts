/** Images of a finished dataset made again from their pictures, for repairing what was damaged. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import type { DatasetIndex } from '../records/index-file.js';
import { linesOf } from '../records/plain-file.js';
import { chooseSource } from '../sources/registry.js';
import type { Source } from '../sources/source.js';
import { facesOf, makeAgain } from './make-again.js';
import { manifestName, parseManifestLine } from './manifest.js';
import { requestOptionsSchema, stageOptionsSchema } from './options.js';
import { mirrored as mirrorImage } from './pixels.js';
import type { FoundFace } from './stage.js';
import { WorkerPool } from './worker-pool.js';

/** What one record is made from. */
interface Origin {
  readonly path: string;
  readonly sha256: string | null;
  readonly faces: readonly FoundFace[]; // the one that it shows; none for a whole picture
  readonly mirrored: boolean;
}

const settingsSchema = z.object({ stage: stageOptionsSchema, request: requestOptionsSchema });
const sourceSchema = z.object({ kind: z.string() });

async function readOrigins(directory: string, records: ReadonlySet<number>): Promise<Map<number, Origin>> {
  const origins = new Map<number, Origin>();
  const manifest = join(directory, manifestName);
  let number = 0;
  for await (const { text } of linesOf(manifest)) {
    number++;
    const parsed = parseManifestLine(text);
    if (!parsed) throw new DatasetError('dataset-invalid', `${manifest}: line ${number}: is not of a build`);
    const { path, sha256, record, mirrored } = parsed;
    const origin = { path, sha256, faces: facesOf(parsed) };
    if (record !== null && records.has(record)) origins.set(record, { ...origin, mirrored: false });
    if (mirrored !== undefined && records.has(mirrored)) origins.set(mirrored, { ...origin, mirrored: true });
  }
  return origins;
}

function* placesOf(source: Source): Generator<[string, number]> {
  for (let i = 0; i < source.count; i++) yield [source.path(i), i];
}

export interface RemakeOptions {
  readonly source: string; // where the pictures of the dataset lie now
  readonly scratch: string; // an existing folder for what must be unpacked
  readonly workers?: number; // default: number of cores
  readonly enhancer?: string | undefined; // the model, where the faces of the dataset were enhanced by one
}

/**
 * Images of `records` at the full size, uint8 CHW, in the order given. Faces are cut out where the
 * manifest says they are; nothing is detected, but they are enhanced again.
 * @throws DatasetError `dataset-invalid` when index or manifest do not tell how, `source-changed` when a
 * picture is not the one the dataset was made from, and those of the source
 */
export async function* remakeImages(
  directory: string,
  index: DatasetIndex,
  records: readonly number[],
  options: RemakeOptions,
): AsyncGenerator<Uint8Array> {
  const settings = settingsSchema.safeParse(index.settings);
  const origin = sourceSchema.safeParse(index.source);
  if (!settings.success || !origin.success)
    throw new DatasetError('dataset-invalid', `${directory}: its index does not say how it was made`);
  const { stage, request } = settings.data;
  const kind = await chooseSource(options.source, origin.data.kind);
  const origins = await readOrigins(directory, new Set(records));
  const source = await kind.open({ path: resolve(options.source), scratch: options.scratch, ...request });
  const workers = options.workers ?? availableParallelism();
  const pool = new WorkerPool(workers, {
    options: stage,
    detector: null,
    enhancer: options.enhancer,
  });
  try {
    const places = new Map(placesOf(source));
    const remake = async (record: number): Promise<Uint8Array> => {
      const from = origins.get(record);
      const place = from && places.get(from.path);
      if (!from || place === undefined)
        throw new DatasetError(
          'source-changed',
          `${options.source}: has no picture ${from?.path ?? `for record ${record}`}, which the dataset was made from`,
        );
      const { sha256, faces } = from;
      const { pixels } = await makeAgain(source, pool, { place, sha256, faces });
      return from.mirrored ? mirrorImage(pixels, stage.size.width) : pixels;
    };
    const ahead: Promise<Uint8Array>[] = [];
    for (const record of records) {
      const job = remake(record);
      // Whoever takes it from the list gets the error.
      job.catch(() => undefined);
      ahead.push(job);
      if (ahead.length > workers * 2) yield await ahead.shift()!;
    }
    for (const job of ahead) yield await job;
  } finally {
    await pool.close();
    await source.close();
  }
}
