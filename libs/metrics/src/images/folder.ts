/** A folder of picture files as images. */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { MetricsError } from '../errors.js';
import { wholeNumber } from '../options.js';
import type { ImageBatch, ImageShape } from './batch.js';

export interface FolderOptions {
  readonly channels?: 1 | 3 | undefined; // default 3: gray pictures become colour ones with three equal channels
  readonly minibatch?: number | undefined; // images of a batch, even; default as the official evaluation: 8192 / width, 4…256
  readonly first?: number | undefined; // number of the first image to take, by name from 0; default 0
  readonly most?: number | undefined; // images to take; default: all
}

export interface ImageFolder extends AsyncIterable<ImageBatch> {
  readonly shape: ImageShape;
  readonly count: number;
  readonly files: readonly string[]; // paths, in the order of the images
}

const extensions = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.gif', '.avif']);

/** Images of a batch in the official evaluation (facts 8.1). */
export function officialMinibatch(width: number): number {
  return Math.min(256, Math.max(4, Math.floor(8192 / width)));
}

async function decode(path: string, channels: 1 | 3) {
  const invalid = (what: string, cause?: unknown) =>
    new MetricsError('folder-invalid', `${path}: ${what}`, { cause });
  try {
    const picture = sharp(path);
    const { hasAlpha } = await picture.metadata();
    if (hasAlpha && !(await sharp(path).stats()).isOpaque)
      throw invalid('is partly transparent; flatten it first, or leave it out');
    const opaque = picture.toColourspace(channels === 1 ? 'b-w' : 'srgb').removeAlpha();
    const { data, info } = await opaque.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const area = info.width * info.height;
    const planes = Uint8Array.from(
      { length: area * channels },
      (_, i) => data[(i % area) * info.channels + Math.floor(i / area)]!,
    );
    return { data: planes, width: info.width, height: info.height };
  } catch (error) {
    if (error instanceof MetricsError) throw error;
    throw invalid(`cannot be read as a picture (${(error as Error).message})`, error);
  }
}

/**
 * The pictures of a folder, in the order of their names, not of its subfolders. They must all have the size of the first.
 * @throws MetricsError `folder-invalid`, at once or while it is read
 */
export async function imageFolder(folder: string, options: FolderOptions = {}): Promise<ImageFolder> {
  const { channels = 3, first: start = 0, most } = options;
  wholeNumber('first', start, 0, Number.MAX_SAFE_INTEGER);
  if (most !== undefined) wholeNumber('most', most, 1, Number.MAX_SAFE_INTEGER);
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new MetricsError('folder-invalid', `${folder}: no folder that can be read`, { cause });
  });
  const names = entries.filter((name) => extensions.has(extname(name).toLowerCase())).sort();
  const first = names[0];
  if (first === undefined)
    throw new MetricsError(
      'folder-invalid',
      `${folder}: holds no pictures; expected ${[...extensions].join(' ')}`,
    );
  const { width, height } = await decode(join(folder, first), channels);
  const minibatch = options.minibatch ?? officialMinibatch(width);
  wholeNumber('minibatch', minibatch, 1, 2 ** 16);
  const chosen = names.slice(start, most === undefined ? undefined : start + most);
  const shape: ImageShape = { channels, width, height };

  async function* read(): AsyncGenerator<ImageBatch> {
    for (let at = 0; at < chosen.length; at += minibatch) {
      const part = chosen.slice(at, at + minibatch);
      const images = await Promise.all(part.map((name) => decode(join(folder, name), channels)));
      const data = new Uint8Array(part.length * channels * width * height);
      for (const [i, image] of images.entries()) {
        if (image.width !== width || image.height !== height)
          throw new MetricsError(
            'folder-invalid',
            `${join(folder, part[i]!)}: expected ${width}x${height} as ${first} is, got ${image.width}x${image.height}; resize it first`,
          );
        data.set(image.data, i * image.data.length);
      }
      yield { data, ...shape };
    }
  }
  const files = chosen.map((name) => join(folder, name));
  return { shape, count: chosen.length, files, [Symbol.asyncIterator]: read };
}
