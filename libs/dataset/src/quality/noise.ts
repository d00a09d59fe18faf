/**
 * How strong the noise of a face is, in grey levels: the standard deviation that white noise would have to have to look
 * like the flattest parts of the face. Skin has such parts in every sharp photograph; in a noisy one there are none.
 *
 * In blocks of 6×6 pixels the luma is filtered with [1 −2 1; −2 4 −2; 1 −2 1] / 6, which leaves slopes and straight
 * edges out and white noise as strong as it was (Immerkær 1996); the noise is the first decile of the blocks' root mean
 * squares. Blocks that are a quarter black or white do not count: noise is cut off there.
 *
 * Measured on photographs, JPEG files of quality 75 for the most part: 0.3 to 1.2 for 80 % of them; white noise of 6.7
 * gives 5.3 (the flattest tenth of noise is flatter than its mean), of 13.4 gives 10. Noise that was enlarged with the
 * picture is no longer white and is measured too low: measure at the source's own pixels where the portrait is larger.
 */
import type { LumaPlane } from './luma.js';
import type { InFace } from './portrait-area.js';

const side = 6;
const decile = 0.1;
const [black, white] = [6, 249];
/** Fewer blocks say nothing. */
const leastBlocks = 5;

/** Grey levels; null where the face has too few blocks that are neither black nor white. */
export function noiseLevel({ data, width, height }: LumaPlane, inFace: InFace): number | null {
  const levels: number[] = [];
  for (let top = 1; top + side < height; top += side) {
    for (let left = 1; left + side < width; left += side) {
      if (!inFace(left + side / 2, top + side / 2)) continue;
      const energy = blockEnergy(data, width, left, top);
      if (energy !== null) levels.push(Math.sqrt(energy) / 6);
    }
  }
  if (levels.length < leastBlocks) return null;
  levels.sort((a, b) => a - b);
  const place = decile * (levels.length - 1);
  const low = levels[Math.floor(place)]!;
  return low + (levels[Math.ceil(place)]! - low) * (place % 1);
}

/** Mean square of the filtered block; null where too much of it is black or white. */
function blockEnergy(data: Float32Array, width: number, left: number, top: number): number | null {
  let [sum, clipped] = [0, 0];
  for (let y = top; y < top + side; y++) {
    for (let x = left, at = y * width + left; x < left + side; x++, at++) {
      const [above, under] = [at - width, at + width];
      const value =
        4 * data[at]! -
        2 * (data[at - 1]! + data[at + 1]! + data[above]! + data[under]!) +
        (data[above - 1]! + data[above + 1]! + data[under - 1]! + data[under + 1]!);
      sum += value * value;
      if (data[at]! < black || data[at]! > white) clipped++;
    }
  }
  return clipped * 4 < side * side ? sum / (side * side) : null;
}
