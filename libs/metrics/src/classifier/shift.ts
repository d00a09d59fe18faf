/** Images that are moved a little: what a classifier learns from them holds for digits that are not quite centred. */

/** Where an image goes: pixels to the right and down, negative ones to the left and up. */
export interface Shift {
  readonly x: number;
  readonly y: number;
}

/**
 * Writes `image` [height, width] to `target`, of the same size, moved by `shift`; what comes in is black, and `target` is
 * taken to be so.
 */
export function moveImage(image: Uint8Array, width: number, shift: Shift, target: Float32Array): void {
  const height = image.length / width;
  const first = Math.max(0, shift.x);
  const from = Math.max(0, -shift.x);
  const length = width - Math.abs(shift.x);
  if (length <= 0) return;
  for (let y = Math.max(0, shift.y); y < Math.min(height, height + shift.y); y++) {
    const start = (y - shift.y) * width + from;
    target.set(image.subarray(start, start + length), y * width + first);
  }
}
