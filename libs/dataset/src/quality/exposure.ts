/** How a face is lit: brightness, contrast and what is lost in black and white, inside the face only (portrait-area.ts). */
import type { RgbImage } from '../faces/image.js';
import { faceOf } from './portrait-area.js';

export interface Exposure {
  readonly brightness: number; // mean luma, 0…255
  readonly contrast: number; // standard deviation of the luma, grey levels
  readonly dark: number; // share of pixels whose three channels are all 4 or less, 0…1
  readonly bright: number; // share of pixels of which a channel is 251 or more, 0…1
}

const black = 4;
const white = 251;

/** Larger portraits are sampled: every second, third, … pixel of every second, third, … row. */
const mostSide = 256;

/** Of an aligned portrait. */
export function exposure({ data, width, height }: RgbImage): Exposure {
  const inFace = faceOf(width, height);
  let [count, sum, squares, dark, bright] = [0, 0, 0, 0, 0];
  const stride = Math.ceil(Math.max(width, height) / mostSide);
  for (let y = 0; y < height; y += stride) {
    const [from, to] = chord(inFace, y + 0.5, width);
    for (let x = from; x < to; x += stride, count++) {
      const at = (y * width + x) * 3;
      const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
      sum += luma;
      squares += luma * luma;
      if (red <= black && green <= black && blue <= black) dark++;
      if (red >= white || green >= white || blue >= white) bright++;
    }
  }
  if (count === 0) return { brightness: 0, contrast: 0, dark: 0, bright: 0 };
  const brightness = sum / count;
  const contrast = Math.sqrt(Math.max(0, squares / count - brightness ** 2));
  return { brightness, contrast, dark: dark / count, bright: bright / count };
}

/** First pixel of the row inside the face, and the one after the last; the face is symmetric. */
function chord(inFace: (x: number, y: number) => boolean, y: number, width: number): [number, number] {
  let from = 0;
  while (from < width / 2 && !inFace(from + 0.5, y)) from++;
  return from * 2 >= width ? [0, 0] : [from, width - from];
}
