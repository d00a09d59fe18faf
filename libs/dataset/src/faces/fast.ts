/**
 * The fast mode: the portrait in one resampling of the cropped picture. What it leaves out are the reference mode's
 * intermediate pictures (an enlargement of up to 16 times, a padded copy, a square of 4096 pixels), not its filters,
 * which all are in the weights (sampling-table.ts). tools/bench/align.mts measures the difference.
 */
import { sampleGrid } from '../kernels/sample.js';
import { rgbImage, type RgbImage } from './image.js';
import { resizeLanczos } from './lanczos.js';
import { isPadded, type AlignStages } from './plan.js';
import type { Quad } from './quad.js';
import { chainTable, type Grid, type Jacobian, type Taps } from './sampling-table.js';
import { fadeRim, showsPicture } from './soft-rim.js';

/** Above this many pixels of the picture per pixel of the portrait it is reduced first, to `reducedDensity`. */
const largestDensity = 1.5;
const reducedDensity = 4 / 3;

/** Taps that hold all but some thousandths of the kernel, by pixels of the picture per pixel of the portrait. */
function tapsFor(density: number): Taps {
  return density <= 0.7 ? 6 : density <= 1.05 ? 8 : 10;
}

/** Steps 6-8 of the recipe for a picture shrunk and cropped. */
export function renderFast(cropped: RgbImage, stages: AlignStages, outputSize: number): RgbImage {
  const { pad, upscale } = stages;
  const padded = gridOf(pad.quad, outputSize);
  const grid = scaleGrid(
    { ...padded, origin: [padded.origin[0] - pad.padding[0], padded.origin[1] - pad.padding[1]] },
    1 / upscale.factor,
    1 / upscale.factor,
  );
  const [xu, yu, xv, yv] = grid.jacobian;
  const density = Math.max(Math.hypot(xu, yu), Math.hypot(xv, yv));
  const source = density > largestDensity ? reduce(cropped, reducedDensity / density) : cropped;
  const reduced = [cropped.width / source.width, cropped.height / source.height] as const;
  const table = chainTable(
    { jacobian: grid.jacobian, upscale: upscale.factor, reduced },
    tapsFor(density / Math.max(...reduced)),
  );
  const image = rgbImage(outputSize, outputSize);
  const sampled = scaleGrid(grid, 1 / reduced[0], 1 / reduced[1]);
  if (isPadded(pad)) {
    sampleGrid(source, sampled, table, 'down', image, showsPicture(padded, pad));
    fadeRim(image, cropped, stages, padded);
  } else {
    sampleGrid(source, sampled, table, 'down', image);
  }
  return image;
}

/** Centres of the portrait's pixels in the quad's picture, as the warp takes them: half a pixel beyond the quad. */
function gridOf(quad: Quad, size: number): Grid {
  const [x, y] = [quad[0]!, quad[1]!];
  const jacobian: Jacobian = [
    (quad[6]! - x) / size,
    (quad[7]! - y) / size,
    (quad[2]! - x) / size,
    (quad[3]! - y) / size,
  ];
  // The quad plus 0.5 counts from the picture's corner; a pixel's centre is 0.5 from there.
  return {
    origin: [x + (jacobian[0] + jacobian[2]) / 2, y + (jacobian[1] + jacobian[3]) / 2],
    jacobian,
  };
}

/** The grid in a picture scaled by `x` and `y`, whose corner stays where it was. */
function scaleGrid({ origin, jacobian: [xu, yu, xv, yv] }: Grid, x: number, y: number): Grid {
  return {
    origin: [(origin[0] + 0.5) * x - 0.5, (origin[1] + 0.5) * y - 0.5],
    jacobian: [xu * x, yu * y, xv * x, yv * y],
  };
}

function reduce(image: RgbImage, factor: number): RgbImage {
  const side = (length: number) => Math.max(1, Math.round(length * factor));
  return resizeLanczos(image, side(image.width), side(image.height));
}
