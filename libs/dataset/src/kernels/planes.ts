/** Interleaved pixels to planes. */
import { workspace } from './instance.js';

/** Pixels per call of the kernel: input and output together stay in the processor's cache. */
const chunk = 1 << 16;

/** RGBRGB… (height × width × 3) → R…, G…, B… (3 × height × width), uint8, in `planes` if that is given. */
export function rgbPlanes(
  pixels: Uint8Array,
  planes: Uint8Array = new Uint8Array(pixels.length),
): Uint8Array {
  const count = Math.floor(pixels.length / 3);
  for (let first = 0; first < count; first += chunk) {
    const length = Math.min(chunk, count - first);
    const { kernels, memory, at } = workspace(length * 3, length * 3);
    const [source, target] = at;
    memory.set(pixels.subarray(first * 3, (first + length) * 3), source);
    kernels.splitPlanes(source, target, length);
    for (let channel = 0; channel < 3; channel++) {
      const from = target + channel * length;
      planes.set(memory.subarray(from, from + length), channel * count + first);
    }
  }
  return planes;
}
