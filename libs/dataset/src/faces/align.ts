/** The CelebA-HQ alignment of one face (facts 7.4, steps 1-8), for any output size S where the official tool has 1024. */
import { DatasetError } from '../errors.js';
import type { RgbImage } from './image.js';
import { cropImage, resizeLanczos } from './lanczos.js';
import { padWithMirror, type Padding } from './pad.js';
import { computeQuad, quadBounds, scaleQuad, shiftQuad, type Quad } from './quad.js';
import { roundHalfEven } from './rounding.js';
import { warpQuad } from './warp.js';

export interface AlignOptions {
  readonly outputSize?: number; // side of the result in pixels, a power of two from 8 to 1024; default 1024
  readonly warpSize?: number; // side of the bilinear warp before the last Lanczos; default 4 * outputSize
}

/** Picture and quad after a step, and what the step decided. */
export interface AlignStage {
  readonly width: number;
  readonly height: number;
  readonly quad: Quad;
  readonly zoom: number; // output pixels per pixel of the picture as it is after this step
}

export interface AlignStages {
  readonly orient: AlignStage & { readonly center: readonly [number, number] };
  readonly shrink: AlignStage & { readonly factor: number }; // 1 when the picture kept its size
  readonly crop: AlignStage & {
    readonly border: number;
    readonly box: readonly [left: number, top: number, right: number, bottom: number];
  };
  readonly upscale: AlignStage & { readonly factor: number }; // 1 when no enlargement was needed
  readonly pad: AlignStage & { readonly padding: Padding }; // zeros when the quad lies inside the picture
}

export interface AlignedFace {
  readonly image: RgbImage; // outputSize x outputSize
  readonly stages: AlignStages;
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
  const { outputSize = 1024, warpSize = 4 * outputSize } = options;
  if (!Number.isInteger(Math.log2(outputSize)) || outputSize < 8 || outputSize > 1024) {
    throw new DatasetError(
      'option-invalid',
      `outputSize: expected a power of two from 8 to 1024, got ${outputSize}.`,
    );
  }
  const oriented = computeQuad(points, { outputSize });
  const orient = { ...sizeOf(image), ...oriented };
  const cropped = shrinkAndCrop(image, orient, outputSize);
  const upscaled = upscale(cropped.image, cropped.crop);
  const padded = pad(upscaled.image, upscaled.upscale, cropped.crop.border, outputSize);
  const result = warpQuad(padded.image, shiftQuad(padded.quad, 0.5, 0.5), warpSize, outputSize);
  return {
    image: result,
    stages: {
      orient,
      shrink: cropped.shrink,
      crop: cropped.crop,
      upscale: upscaled.upscale,
      pad: padded.pad,
    },
  };
}

function sizeOf(image: { width: number; height: number }): { width: number; height: number } {
  return { width: image.width, height: image.height };
}

/** Steps 4 and 5 in one, so that of a picture to be shrunk only the part around the face is resampled. */
function shrinkAndCrop(
  image: RgbImage,
  stage: AlignStage,
  outputSize: number,
): { image: RgbImage; shrink: AlignStages['shrink']; crop: AlignStages['crop'] } {
  const factor = Math.max(1, Math.floor(0.5 / stage.zoom));
  const width = factor > 1 ? roundHalfEven(image.width / factor) : image.width;
  const height = factor > 1 ? roundHalfEven(image.height / factor) : image.height;
  const quad = stage.quad.map((v) => v / factor);
  const zoom = stage.zoom * factor;

  const border = Math.max(roundHalfEven((0.1 * outputSize) / zoom), 3);
  const [x0, y0, x1, y1] = quadBounds(quad);
  const left = Math.max(x0 - border, 0);
  const top = Math.max(y0 - border, 0);
  const right = Math.min(x1 + border, width);
  const bottom = Math.min(y1 + border, height);
  if (left >= right || top >= bottom || x0 >= width || y0 >= height || x1 <= 0 || y1 <= 0) {
    throw new DatasetError(
      'face-outside-picture',
      `The portrait lies outside the ${image.width}x${image.height} picture: its corners are (${[
        ...stage.quad,
      ]
        .map((v) => v.toFixed(1))
        .join(' ')}).`,
    );
  }
  const whole = left === 0 && top === 0 && right === width && bottom === height;
  const part =
    factor > 1
      ? resizeLanczos(image, width, height, { left, top, right, bottom })
      : whole
        ? image
        : cropImage(image, left, top, right, bottom);
  return {
    image: part,
    shrink: { width, height, quad, zoom, factor },
    crop: {
      ...sizeOf(part),
      quad: shiftQuad(quad, -left, -top),
      zoom,
      border,
      box: [left, top, right, bottom],
    },
  };
}

/** Step 6: a plain Lanczos enlargement where the paper had its super-resolution network. */
function upscale(image: RgbImage, stage: AlignStage): { image: RgbImage; upscale: AlignStages['upscale'] } {
  const factor = Math.max(1, 2 ** Math.ceil(Math.log2(stage.zoom)));
  const large = factor > 1 ? resizeLanczos(image, image.width * factor, image.height * factor) : image;
  return {
    image: large,
    upscale: {
      ...sizeOf(large),
      quad: scaleQuad(stage.quad, factor),
      zoom: stage.zoom / factor,
      factor,
    },
  };
}

/**
 * Step 7: mirror padding where the quad comes nearer than `border` to the picture's edge or leaves it. Of the padded
 * picture only what the quad needs is made; `quad` lies in that part, the stage tells of the whole.
 */
function pad(
  image: RgbImage,
  stage: AlignStage,
  border: number,
  outputSize: number,
): { image: RgbImage; quad: Quad; pad: AlignStages['pad'] } {
  const { quad, zoom } = stage;
  const [x0, y0, x1, y1] = quadBounds(quad);
  const missing = [
    Math.max(border - x0, 0),
    Math.max(border - y0, 0),
    Math.max(x1 - image.width + border, 0),
    Math.max(y1 - image.height + border, 0),
  ] as const;
  if (Math.max(...missing) <= border - 4) {
    return { image, quad, pad: { ...sizeOf(image), quad, zoom, padding: [0, 0, 0, 0] } };
  }
  const least = roundHalfEven((0.3 * outputSize) / zoom);
  const padding = missing.map((m) => Math.max(m, least)) as [number, number, number, number];
  const [left, top, right, bottom] = padding;
  const width = image.width + left + right;
  const height = image.height + top + bottom;
  // Two pixels around the quad for the bilinear samples; never cut where the picture ends anyway.
  const window = {
    left: Math.max(x0 + left - 2, 0),
    top: Math.max(y0 + top - 2, 0),
    right: Math.min(x1 + left + 2, width),
    bottom: Math.min(y1 + top + 2, height),
  };
  const shifted = shiftQuad(quad, left, top);
  return {
    image: padWithMirror(image, padding, (0.02 * outputSize) / zoom, window),
    quad: shiftQuad(shifted, -window.left, -window.top),
    pad: { width, height, quad: shifted, zoom, padding },
  };
}
