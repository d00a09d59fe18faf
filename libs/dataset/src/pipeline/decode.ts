/** Any picture file → upright 8-bit sRGB, and a note of what had to be converted. */
import type { Metadata } from 'sharp';
import { rgbImage, wholeOf, type PixelBox, type RgbImage } from '../faces/image.js';
import { cropImage } from '../faces/lanczos.js';
import { decodePlainJpeg, largestPlainJpeg } from '../kernels/jpeg.js';
import { readPlainJpeg, type PlainJpeg } from '../kernels/jpeg-header.js';
import type { ImageSize } from '../records/image-size.js';
import type { Conversion, DropReason } from './reasons.js';
import { newMemory } from './stage-memory.js';

export interface PictureFacts {
  readonly width: number; // as shown, after the EXIF turn
  readonly height: number;
  readonly format: string;
  readonly exifTurn: number; // EXIF orientation, 1…8
  readonly converted: readonly Conversion[];
}

export interface DecodedPicture extends PictureFacts {
  readonly image: RgbImage; // of the part that was asked for
}

/** Which part of a picture is wanted, given its size after the EXIF turn. */
export type PartOf = (picture: ImageSize) => PixelBox;

/** A picture that cannot be used; never the end of a job. */
export class PictureError extends Error {
  constructor(
    readonly reason: DropReason,
    message: string,
    readonly facts?: PictureFacts,
  ) {
    super(message);
  }
}

/** Pixel formats; a drawing (SVG, PDF) has no pixels of its own and is no photograph. */
const formats = new Set([
  'jpeg',
  'png',
  'webp',
  'gif',
  'tiff',
  'heif',
  'avif',
  'jp2',
  'jp2k',
  'jxl',
  'ppm',
  'bmp',
]);

const sixteenBit = new Set(['ushort', 'short', 'uint', 'int', 'float', 'double']);

function describe(meta: Metadata): PictureFacts {
  const exifTurn = meta.orientation ?? 1;
  const converted: Conversion[] = [];
  if (exifTurn > 1) converted.push('exif-turn');
  if (meta.space === 'b-w' || meta.space === 'grey16' || meta.channels <= 2) converted.push('gray');
  if (meta.hasAlpha) converted.push('alpha');
  if (meta.space === 'cmyk') converted.push('cmyk');
  if (sixteenBit.has(meta.depth)) converted.push('16-bit');
  if (meta.hasProfile) converted.push('profile');
  if ((meta.pages ?? 1) > 1) converted.push('animated');
  const { width, height } = meta.autoOrient;
  return { width, height, format: meta.format, exifTurn, converted };
}

/** First line without the library's prefix, at most 200 characters: it goes to the manifest. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!.slice(0, 200);
}

/** Loaded when the first picture needs it: many a build has plain JPEG files only. */
async function loadSharp() {
  const { default: sharp } = await import('sharp');
  // There is one worker thread per core already.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

/** What sharp would say of a plain JPEG file without EXIF. */
const plainFacts = ({ width, height }: PlainJpeg): PictureFacts => ({
  width,
  height,
  format: 'jpeg',
  exifTurn: 1,
  converted: [],
});

/** @throws PictureError */
export async function decodePicture(
  bytes: Buffer,
  maxPixels: number,
  memory = newMemory,
  partOf: PartOf = wholeOf,
): Promise<DecodedPicture> {
  if (bytes.length === 0) throw new PictureError('empty-file', 'the file has no bytes');
  // Most pictures are of one kind, which the kernels decode to the same bytes in half the time.
  const plain = readPlainJpeg(bytes);
  const decodePlain = () =>
    plain && plain.width * plain.height <= Math.min(maxPixels, largestPlainJpeg)
      ? decodePlainJpeg(bytes, plain, partOf(plain), (size) => memory.picture(size))
      : undefined;
  if (plain && !plain.hasExif) {
    const image = decodePlain();
    if (image) return { ...plainFacts(plain), image };
  }
  const sharp = await loadSharp();
  let meta: Metadata;
  try {
    meta = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    const known = /unsupported image format/i.test(reasonOf(error)) && !looksLikePicture(bytes);
    throw new PictureError(known ? 'not-an-image' : 'unreadable', reasonOf(error));
  }
  if (!formats.has(meta.format))
    throw new PictureError('not-an-image', `is ${meta.format}, not a pixel picture`);
  const facts = describe(meta);
  if (facts.width * facts.height > maxPixels)
    throw new PictureError(
      'too-large',
      `${facts.width}x${facts.height} is more than ${maxPixels} pixels`,
      facts,
    );
  if (plain?.hasExif && facts.converted.length === 0) {
    const image = decodePlain();
    if (image) return { ...facts, image };
  }
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated' })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const image = rgbImage(info.width, info.height, threeChannels(data, info.channels));
    return { ...facts, image: cropImage(image, partOf(image)) };
  } catch (error) {
    throw new PictureError('unreadable', reasonOf(error), facts);
  }
}

/** Starts like a JPEG, PNG, GIF, WebP or TIFF: cut off or damaged rather than something else. */
function looksLikePicture(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, 12);
  return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*)/s.test(start);
}

function threeChannels(data: Buffer, channels: number): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[channels > 2 ? from + 1 : from]!;
    rgb[to + 2] = data[channels > 2 ? from + 2 : from]!;
  }
  return rgb;
}
