/** What the alignment of one face does (facts 7.4, steps 1-7), decided from numbers alone: no pixel is looked at. */
import { DatasetError } from '../errors.js';
import type { Padding } from './pad.js';
import { computeQuad, quadBounds, scaleQuad, shiftQuad, type Quad, type QuadKind } from './quad.js';
import { roundHalfEven } from './rounding.js';

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

export interface PlanOptions {
  readonly outputSize: number;
  readonly quad: QuadKind;
  readonly enlarge?: boolean; // whether step 6 takes place; default: for CelebA-HQ, for FFHQ leaves it to the warp
}

/**
 * The steps for a picture of the given size and points in LANDMARK order.
 *
 * @throws DatasetError 'landmarks-unusable', or 'face-outside-picture' when the portrait would hold nothing of the picture.
 */
export function planAlignment(
  { width, height }: { readonly width: number; readonly height: number },
  points: ArrayLike<number>,
  options: PlanOptions,
): AlignStages {
  const { outputSize, enlarge = options.quad === 'celeba-hq' } = options;
  const orient = { width, height, ...computeQuad(points, options) };
  const shrink = planShrink(orient);
  const crop = planCrop(shrink, outputSize, orient);
  const upscale = planUpscale(crop, enlarge);
  return { orient, shrink, crop, upscale, pad: planPad(upscale, crop.border, outputSize) };
}

/** Step 4. */
function planShrink({ width, height, quad, zoom }: AlignStage): AlignStages['shrink'] {
  const factor = Math.max(1, Math.floor(0.5 / zoom));
  return {
    width: factor > 1 ? roundHalfEven(width / factor) : width,
    height: factor > 1 ? roundHalfEven(height / factor) : height,
    quad: quad.map((v) => v / factor),
    zoom: zoom * factor,
    factor,
  };
}

/** Step 5. */
function planCrop(
  { width, height, quad, zoom }: AlignStage,
  outputSize: number,
  orient: AlignStage,
): AlignStages['crop'] {
  const border = Math.max(roundHalfEven((0.1 * outputSize) / zoom), 3);
  const [x0, y0, x1, y1] = quadBounds(quad);
  const left = Math.max(x0 - border, 0);
  const top = Math.max(y0 - border, 0);
  const right = Math.min(x1 + border, width);
  const bottom = Math.min(y1 + border, height);
  if (left >= right || top >= bottom || x0 >= width || y0 >= height || x1 <= 0 || y1 <= 0) {
    const corners = Array.from(orient.quad, (v) => v.toFixed(1)).join(' ');
    throw new DatasetError(
      'face-outside-picture',
      `The portrait lies outside the ${orient.width}x${orient.height} picture: its corners are (${corners}).`,
    );
  }
  return {
    width: right - left,
    height: bottom - top,
    quad: shiftQuad(quad, -left, -top),
    zoom,
    border,
    box: [left, top, right, bottom],
  };
}

/** Step 6. */
function planUpscale({ width, height, quad, zoom }: AlignStage, wanted: boolean): AlignStages['upscale'] {
  const factor = wanted ? Math.max(1, 2 ** Math.ceil(Math.log2(zoom))) : 1;
  return {
    width: width * factor,
    height: height * factor,
    quad: scaleQuad(quad, factor),
    zoom: zoom / factor,
    factor,
  };
}

/** Step 7: padding where the quad comes nearer than `border` to the picture's edge or leaves it. */
function planPad(
  { width, height, quad, zoom }: AlignStage,
  border: number,
  outputSize: number,
): AlignStages['pad'] {
  const [x0, y0, x1, y1] = quadBounds(quad);
  const missing = [
    Math.max(border - x0, 0),
    Math.max(border - y0, 0),
    Math.max(x1 - width + border, 0),
    Math.max(y1 - height + border, 0),
  ] as const;
  if (Math.max(...missing) <= border - 4) return { width, height, quad, zoom, padding: [0, 0, 0, 0] };
  const least = roundHalfEven((0.3 * outputSize) / zoom);
  // Without step 6 a face of a few pixels would have a padding of none, by which the fade divides.
  const padding = missing.map((m) => Math.max(m, least, 1)) as [number, number, number, number];
  const [left, top, right, bottom] = padding;
  return {
    width: width + left + right,
    height: height + top + bottom,
    quad: shiftQuad(quad, left, top),
    zoom,
    padding,
  };
}

/** Whether step 7 has anything to do. */
export function isPadded({ padding }: AlignStages['pad']): boolean {
  return padding.some((side) => side > 0);
}
