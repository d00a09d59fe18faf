/**
 * The alignment of one face, as the official tool of CelebA-HQ does it or FFHQ's (facts 7.4, steps 1-8), for any output
 * size S where these have 1024.
 */
import { enhanceBy, type EnhanceOptions } from '../enhance/enhancer.js';
import { DatasetError } from '../errors.js';
import { renderFast } from './fast.js';
import type { RgbImage } from './image.js';
import { cropImage, resizeLanczos } from './lanczos.js';
import { padWithMirror } from './pad.js';
import { isPadded, planAlignment, type AlignStages } from './plan.js';
import { quadBounds, shiftQuad, type Quad, type QuadKind } from './quad.js';
import { warpQuad } from './warp.js';

export interface AlignOptions {
  readonly outputSize?: number; // side of the result in pixels, a power of two from 8 to 1024; default 1024
  readonly quad?: QuadKind; // which portrait: see quad.ts; FFHQ's also goes without enlargement before its warp; default celeba-hq
  /** How: `reference` gives the official tool's pixels, `fast` those but for a PSNR of over 40 dB; default reference. */
  readonly mode?: 'reference' | 'fast';
  readonly warpSize?: number; // reference: side of the bilinear warp before the last Lanczos; default 4 * outputSize
}

export interface AlignedFace {
  readonly image: RgbImage; // outputSize x outputSize
  readonly stages: AlignStages; // the same in both modes; the fast one has no picture of the upscale and pad stages
}

/**
 * Cut the face with the given points (LANDMARK order, pixels of the upright picture) out as an upright square portrait.
 * Deterministic: the same bytes on every machine and in every worker.
 *
 * @throws DatasetError 'landmarks-unusable', or 'face-outside-picture' when the portrait would hold nothing of the picture.
 */
export function alignFace(
  image: RgbImage,
  points: ArrayLike<number>,
  options: AlignOptions = {},
): AlignedFace {
  const { cropped, stages } = cutOut(image, points, options);
  if (options.mode === 'fast') return { image: renderFast(cropped, stages, sizeOf(options)), stages };
  return { image: render(upscale(cropped, stages), stages, options), stages };
}

/**
 * The same with an enhancer in the place of step 6's Lanczos (FFHQ's portraits then have that step too). It sees the part
 * of the picture around the face only, and before anything else is done to that. Deterministic as far as the enhancer is.
 *
 * @throws DatasetError as `alignFace`, and those of the enhancer
 */
export async function alignFaceWith(
  image: RgbImage,
  points: ArrayLike<number>,
  options: AlignOptions & EnhanceOptions,
): Promise<AlignedFace> {
  const { cropped, stages } = cutOut(image, points, options, true);
  const enhanced = await enhanceBy(cropped, stages.upscale.factor, options);
  if (options.mode !== 'fast') return { image: render(enhanced, stages, options), stages };
  const done = { ...stages, upscale: { ...stages.upscale, factor: 1 } };
  return { image: renderFast(enhanced, done, sizeOf(options)), stages };
}

function sizeOf({ outputSize = 1024 }: AlignOptions): number {
  return outputSize;
}

/** Steps 1 to 5. */
function cutOut(
  image: RgbImage,
  points: ArrayLike<number>,
  options: AlignOptions,
  enlarge?: true,
): { readonly cropped: RgbImage; readonly stages: AlignStages } {
  const { quad = 'celeba-hq' } = options;
  const outputSize = sizeOf(options);
  if (!Number.isInteger(Math.log2(outputSize)) || outputSize < 8 || outputSize > 1024) {
    throw new DatasetError(
      'option-invalid',
      `outputSize: expected a power of two from 8 to 1024, got ${outputSize}.`,
    );
  }
  const stages = planAlignment(image, points, { outputSize, quad, ...(enlarge && { enlarge }) });
  return { cropped: shrinkAndCrop(image, stages), stages };
}

/** Steps 7 and 8, of the enlarged picture. */
function render(image: RgbImage, stages: AlignStages, options: AlignOptions): RgbImage {
  const outputSize = sizeOf(options);
  const { warpSize = 4 * outputSize } = options;
  const padded = pad(image, stages, outputSize);
  return warpQuad(padded.image, shiftQuad(padded.quad, 0.5, 0.5), warpSize, outputSize);
}

/** Steps 4 and 5 in one, so that of a picture to be shrunk only the part around the face is resampled. */
function shrinkAndCrop(image: RgbImage, { shrink, crop }: AlignStages): RgbImage {
  const { width, height, factor } = shrink;
  const [left, top, right, bottom] = crop.box;
  if (factor > 1) return resizeLanczos(image, width, height, { left, top, right, bottom });
  return cropImage(image, { left, top, right, bottom });
}

/** Step 6: a plain Lanczos enlargement where the paper had its super-resolution network. */
function upscale(image: RgbImage, { upscale: { width, height, factor } }: AlignStages): RgbImage {
  return factor > 1 ? resizeLanczos(image, width, height) : image;
}

/** Step 7. Of the padded picture only what the quad needs is made; `quad` lies in that part. */
function pad(
  image: RgbImage,
  stages: AlignStages,
  outputSize: number,
): { readonly image: RgbImage; readonly quad: Quad } {
  const { width, height, quad, zoom, padding } = stages.pad;
  if (!isPadded(stages.pad)) return { image, quad };
  const [x0, y0, x1, y1] = quadBounds(stages.upscale.quad);
  const [left, top] = padding;
  // Two pixels around the quad for the bilinear samples; never cut where the picture ends anyway.
  const window = {
    left: Math.max(x0 + left - 2, 0),
    top: Math.max(y0 + top - 2, 0),
    right: Math.min(x1 + left + 2, width),
    bottom: Math.min(y1 + top + 2, height),
  };
  return {
    image: padWithMirror(image, padding, (0.02 * outputSize) / zoom, window),
    quad: shiftQuad(quad, -window.left, -window.top),
  };
}
