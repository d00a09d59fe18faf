/** The Gaussian window of MS-SSIM (facts 8.3). */

const fullSize = 11;
const fullSigma = 1.5;

/**
 * One dimension of it, summing to 1; the window is its product with itself. Of planes smaller than 11 the window is as
 * wide as the smaller side, and the deviation shrinks with it; an even number of weights lies around the half pixel.
 */
export function gaussianWindow(width: number, height: number): Float64Array {
  const size = Math.min(fullSize, width, height);
  const sigma = (fullSigma * size) / fullSize;
  const weights = Float64Array.from({ length: size }, (_, i) => {
    const from = i - (size - 1) / 2;
    return Math.exp(-(from * from) / (2 * sigma * sigma));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
