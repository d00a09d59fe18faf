/** Pictures for a report: kept faces from the records, dropped ones and whole pictures from the source. */
import { resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import { alignFace } from '../../faces/align.js';
import type { RgbImage } from '../../faces/image.js';
import { decodePicture, PictureError } from '../../pipeline/decode.js';
import { requestOptionsSchema } from '../../pipeline/options.js';
import { fromPlanes, pictureBytes } from '../../pipeline/pixels.js';
import type { TFRecordDataset } from '../../records/dataset.js';
import { chooseSource } from '../../sources/registry.js';
import { SourcePictureError, type Source } from '../../sources/source.js';
import { sha256Of } from '../../sha256.js';
import { checkSignal } from '../image-stream.js';
import { manifestEntries } from '../manifest-lines.js';
import { rawImage } from '../raw-image.js';
import type { FaceEntry } from './face-entry.js';

/** Sides of portraits and of whole pictures on the page, pixels. */
const [portraitSide, pictureSide] = [128, 400];
/** Pictures of more pixels than this are not decoded for a report. */
const mostPixels = 100_000_000;

export interface Shown {
  readonly uri: string; // data:image/webp…
  readonly width: number;
  readonly height: number;
}

/** A picture of the source that could not be shown, and why. */
export interface Missing {
  readonly missing: string;
}

const toShown = async (image: Sharp, quality: number): Promise<Shown> => {
  const { data, info } = await image.webp({ quality }).toBuffer({ resolveWithObject: true });
  return { uri: `data:image/webp;base64,${data.toString('base64')}`, width: info.width, height: info.height };
};

function toSharp({ data, width, height }: RgbImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Images of a dataset, at the largest level that is not larger than they are shown. */
export class RecordPortraits {
  readonly #level: number;
  readonly #size: { readonly width: number; readonly height: number };

  constructor(private readonly dataset: TFRecordDataset) {
    const side = (level: number) => Math.max(...dataset.levels.get(level)!.shape.slice(1));
    const levels = [...dataset.levels.keys()].sort((a, b) => b - a);
    this.#level = levels.find((level) => side(level) <= portraitSide) ?? levels.at(-1)!;
    const [, height, width] = dataset.levels.get(this.#level)!.shape;
    this.#size = { width, height };
  }

  async show(record: number): Promise<Shown> {
    const pixels = await this.dataset.images(this.#level, [record]);
    return toShown(rawImage(pixels, this.dataset.channels, this.#size), 85);
  }
}

const settingsSchema = z.looseObject({
  request: requestOptionsSchema.catch(requestOptionsSchema.parse({})),
  stage: z
    .looseObject({ quad: z.enum(['celeba-hq', 'ffhq']).catch('celeba-hq') })
    .catch({ quad: 'celeba-hq' }),
});
const sourceSchema = z.looseObject({ kind: z.string() });

export interface SourceRequest {
  readonly path: string; // where the pictures lie now
  readonly scratch: string; // an existing folder for what must be unpacked
}

/** A decoded picture of the source, of which any number of things are shown. */
export interface Original {
  whole(): Promise<Shown>;
  face(entry: FaceEntry): Promise<Shown>;
}

/** @throws DatasetError `source-unusable` when no line of the manifest is about one of the pictures */
async function checkPictures(source: Source, path: string, dataset: TFRecordDataset): Promise<void> {
  const names = new Set<string>();
  for (let i = 0; i < source.count; i++) names.add(source.path(i));
  let missed: string | undefined;
  for await (const entry of manifestEntries(dataset)) {
    if (names.has(entry.path)) return;
    missed ??= entry.path;
  }
  if (missed === undefined) return;
  throw new DatasetError(
    'source-unusable',
    `${path}: has none of the pictures that ${dataset.directory} was made from: it has ${JSON.stringify(source.path(0))}, ` +
      `the manifest ${JSON.stringify(missed)}; name those pictures with --source`,
  );
}

/** The pictures that a dataset was made from. */
export class Originals {
  readonly #places = new Map<string, number>();

  private constructor(
    private readonly source: Source,
    private readonly quad: 'celeba-hq' | 'ffhq',
  ) {}

  /** @throws DatasetError those of the source, and `source-unusable` when it has none of the dataset's pictures */
  static async open({ path, scratch }: SourceRequest, dataset: TFRecordDataset): Promise<Originals> {
    const { index } = dataset;
    const settings = settingsSchema.parse(index?.settings ?? {});
    const made = sourceSchema.safeParse(index?.source);
    const kind = await chooseSource(path, made.success ? made.data.kind : 'auto');
    const source = await kind.open({ path: resolve(path), scratch, ...settings.request });
    try {
      await checkPictures(source, path, dataset);
      return new Originals(source, settings.stage.quad);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** Before pictures are read: which will be. */
  find(paths: ReadonlySet<string>): void {
    for (let i = 0; i < this.source.count && this.#places.size < paths.size; i++) {
      const name = this.source.path(i);
      if (paths.has(name)) this.#places.set(name, i);
    }
  }

  /** `sha256`: what the manifest says of its bytes. */
  async read(path: string, sha256: string | null, signal?: AbortSignal): Promise<Original | Missing> {
    checkSignal(signal);
    const place = this.#places.get(path);
    if (place === undefined) return { missing: 'not in the source' };
    try {
      const picture = await this.source.read(place);
      const found = sha256Of(pictureBytes(picture));
      if (sha256 !== null && found !== sha256) return { missing: 'has changed in the source' };
      const image =
        picture.kind === 'file'
          ? (await decodePicture(picture.bytes, mostPixels)).image
          : fromPlanes(picture.data, picture.channels, picture.width, picture.height);
      return this.#original(image);
    } catch (error) {
      if (error instanceof PictureError || error instanceof SourcePictureError)
        return { missing: 'no picture can be made of it' };
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  #original(image: RgbImage): Original {
    const thumbnail = (side: number) =>
      toSharp(image).resize(side, side, { fit: 'inside', withoutEnlargement: true });
    return {
      whole: () => toShown(thumbnail(pictureSide), 75),
      face: ({ landmarks }) => {
        const portrait = landmarks && alignedOrNone(image, landmarks, this.quad);
        return portrait ? toShown(toSharp(portrait), 85) : toShown(thumbnail(portraitSide), 80);
      },
    };
  }
}

/** Undefined where the points make no portrait. */
function alignedOrNone(
  image: RgbImage,
  landmarks: readonly number[],
  quad: 'celeba-hq' | 'ffhq',
): RgbImage | undefined {
  try {
    return alignFace(image, landmarks, { outputSize: portraitSide, quad, mode: 'fast' }).image;
  } catch (error) {
    if (error instanceof DatasetError) return undefined;
    throw error;
  }
}
