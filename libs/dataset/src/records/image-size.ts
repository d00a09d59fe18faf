/**
 * Sizes of the images of a dataset and of its levels. A level is half as wide and half as high as the
 * one above it. The smallest, level 2, is 4×4 for square images; for others it is the base that gives
 * the size by doublings: 128×96 → 64×48 → 32×24 → 16×12 → 8×6 → 4×3. The larger side of a base has 4 to
 * 7 pixels, so that level = floor(log2(larger side)) as for square images.
 */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Levels: side 2^2 … 2^10. */
export const smallestLevel = 2;
export const largestLevel = 10;

export function levelOf({ width, height }: ImageSize): number {
  return Math.floor(Math.log2(Math.max(width, height)));
}

/** Sizes from the largest level down to level 2, or undefined when one of them would not be whole. */
export function levelSizes({ width, height }: ImageSize): ImageSize[] | undefined {
  const top = levelOf({ width, height });
  if (!(top >= smallestLevel && top <= largestLevel)) return undefined;
  const halvings = 2 ** (top - smallestLevel);
  const whole = (side: number) => Number.isInteger(side) && side % halvings === 0 && side / halvings >= 2;
  if (!whole(width) || !whole(height)) return undefined;
  return Array.from({ length: top - smallestLevel + 1 }, (_, i) => ({
    width: width / 2 ** i,
    height: height / 2 ** i,
  }));
}

/** As people write it: `64` for 64×64, `128x96` otherwise. */
export function formatSize({ width, height }: ImageSize): string {
  return `${width}x${height}`;
}

/** `64` or `128x96` (width x height) → the size, or undefined when it is neither. */
export function parseSize(text: string): ImageSize | undefined {
  const parts = /^(\d{1,5})(?:x(\d{1,5}))?$/i.exec(text.trim());
  if (!parts) return undefined;
  return { width: Number(parts[1]), height: Number(parts[2] ?? parts[1]) };
}

/** A size near the given one that is accepted, for messages. */
export function nearestSize({ width, height }: ImageSize): ImageSize {
  const most = Math.min(1024, Math.max(4, width, height));
  if (width === height) {
    const side = 2 ** Math.round(Math.log2(most));
    return { width: side, height: side };
  }
  const step = 2 ** (Math.floor(Math.log2(most)) - smallestLevel);
  const larger = Math.round(most / step) === 8 ? 7 : Math.round(most / step);
  // Squares are powers of two.
  const widest = larger === 4 ? 4 : larger - 1;
  const smaller = Math.min(widest, Math.max(2, Math.round(Math.min(width, height) / step)));
  return width > height
    ? { width: larger * step, height: smaller * step }
    : { width: smaller * step, height: larger * step };
}
