/** Brings a whole picture to the size of the images. */
import { rgbImage, wholeOf, type PixelBox, type RgbImage } from '../faces/image.js';
import { cropImage, resizeLanczos, resizePart } from '../faces/lanczos.js';
import { formatSize, type ImageSize } from '../records/image-size.js';
import { PictureError } from './decode.js';
import type { StageOptions } from './options.js';

export interface FittedPicture {
  readonly image: RgbImage;
  readonly enlarged: number; // output pixels per pixel of the picture
  readonly outside: number; // share of the image that is background, 0…1
}

/** Largest centred part with the shape of `size`; the odd pixel goes to the right and below. */
function centredPart(picture: ImageSize, size: ImageSize): PixelBox {
  const { width, height } = picture;
  const wide = width * size.height > height * size.width;
  const partWidth = wide ? Math.max(1, Math.round((height * size.width) / size.height)) : width;
  const partHeight = wide ? height : Math.max(1, Math.round((width * size.height) / size.width));
  const left = Math.floor((width - partWidth) / 2);
  const top = Math.floor((height - partHeight) / 2);
  return { left, top, right: left + partWidth, bottom: top + partHeight };
}

/** The picture in the middle of a canvas that is at least as large. */
function onCanvas(image: RgbImage, canvas: ImageSize, background: StageOptions['background']): RgbImage {
  const pixels = new Uint8Array(canvas.width * canvas.height * 3);
  for (let i = 0; i < pixels.length; i += 3) pixels.set(background, i);
  const left = Math.floor((canvas.width - image.width) / 2);
  const top = Math.floor((canvas.height - image.height) / 2);
  for (let y = 0; y < image.height; y++) {
    const row = image.data.subarray(y * image.width * 3, (y + 1) * image.width * 3);
    pixels.set(row, ((top + y) * canvas.width + left) * 3);
  }
  return rgbImage(canvas.width, canvas.height, pixels);
}

const resized = (image: RgbImage, { width, height }: ImageSize) =>
  image.width === width && image.height === height ? image : resizeLanczos(image, width, height);

const shareAround = (inner: ImageSize, outer: ImageSize) =>
  1 - (inner.width * inner.height) / (outer.width * outer.height);

/**
 * - crop: the largest centred part of the right shape, Lanczos to size
 * - pad: background added on two sides to the right shape, then Lanczos to size
 * - letterbox: Lanczos to the largest size that fits in, background around it
 * - stretch: Lanczos to size, each side by its own factor
 * - center: nothing is scaled, background around it; a larger picture does not fit
 * - exact: the picture must have the size
 */
export const fits: Record<
  StageOptions['fit'],
  (image: RgbImage, size: ImageSize, background: StageOptions['background']) => FittedPicture
> = {
  crop(image, size) {
    const part = centredPart(image, size);
    const width = part.right - part.left;
    const same = width === size.width && part.bottom - part.top === size.height;
    const fitted = same ? cropImage(image, part) : resizePart(image, part, size.width, size.height);
    return { image: fitted, enlarged: size.width / width, outside: 0 };
  },
  pad(image, size, background) {
    const { width, height } = image;
    const wide = width * size.height > height * size.width;
    const canvas = wide
      ? { width, height: Math.max(height, Math.round((width * size.height) / size.width)) }
      : { width: Math.max(width, Math.round((height * size.width) / size.height)), height };
    return {
      image: resized(onCanvas(image, canvas, background), size),
      enlarged: size.width / canvas.width,
      outside: shareAround(image, canvas),
    };
  },
  letterbox(image, size, background) {
    const factor = Math.min(size.width / image.width, size.height / image.height);
    const inner = {
      width: Math.min(size.width, Math.max(1, Math.round(image.width * factor))),
      height: Math.min(size.height, Math.max(1, Math.round(image.height * factor))),
    };
    return {
      image: onCanvas(resized(image, inner), size, background),
      enlarged: factor,
      outside: shareAround(inner, size),
    };
  },
  stretch(image, size) {
    const enlarged = Math.max(size.width / image.width, size.height / image.height);
    return { image: resized(image, size), enlarged, outside: 0 };
  },
  center(image, size, background) {
    if (image.width > size.width || image.height > size.height)
      throw new PictureError('does-not-fit', `is ${formatSize(image)}, larger than ${formatSize(size)}`);
    return { image: onCanvas(image, size, background), enlarged: 1, outside: shareAround(image, size) };
  },
  exact(image, size) {
    if (image.width !== size.width || image.height !== size.height)
      throw new PictureError('does-not-fit', `is ${formatSize(image)}, expected ${formatSize(size)}`);
    return { image, enlarged: 1, outside: 0 };
  },
};

/** As the official tool cuts CelebA's aligned pictures: rows y − side/2 … y + side/2. Undefined: it leaves the picture. */
function cropSquare(
  picture: ImageSize,
  { x, y, side }: NonNullable<StageOptions['crop']>,
): PixelBox | undefined {
  const [left, top] = [x - Math.floor(side / 2), y - Math.floor(side / 2)];
  const [right, bottom] = [left + side, top + side];
  const inside = left >= 0 && top >= 0 && right <= picture.width && bottom <= picture.height;
  return inside ? { left, top, right, bottom } : undefined;
}

/** The part of a picture that goes into its image: the rest of it needs no decoding. */
export function usedPart(picture: ImageSize, { align, crop, fit, size }: StageOptions): PixelBox {
  if (align !== 'none') return wholeOf(picture);
  if (crop) return cropSquare(picture, crop) ?? wholeOf(picture);
  return fit === 'crop' ? centredPart(picture, size) : wholeOf(picture);
}

/** `image`: the used part of `picture`. @throws PictureError `does-not-fit` */
export function fitPicture(image: RgbImage, picture: ImageSize, options: StageOptions): FittedPicture {
  const { crop, fit, size, background } = options;
  if (crop && !cropSquare(picture, crop))
    throw new PictureError(
      'does-not-fit',
      `is ${formatSize(picture)}; the ${crop.side}x${crop.side} square around (${crop.x}, ${crop.y}) leaves it`,
    );
  return fits[fit](image, size, background);
}
