/** Pictures too large for a model in one go are cut into overlapping tiles, of each of which the middle is kept. */

/** A tile along one direction, in pixels; ends are exclusive. */
export interface Span {
  readonly from: number; // what the model sees
  readonly to: number;
  readonly keepFrom: number; // what is kept of it
  readonly keepTo: number;
}

export interface TileLimits {
  readonly most: number; // pixels that the model sees, a multiple of `step`
  readonly overlap: number; // pixels seen beyond what is kept, except at the picture's own edges
  readonly step: number; // tiles begin at multiples of it
}

/** Tiles of equal size for `length` pixels, a multiple of `step`; one when they are no more than `most`. */
export function tileSpans(length: number, { most, overlap, step }: TileLimits): Span[] {
  if (length <= most) return [{ from: 0, to: length, keepFrom: 0, keepTo: length }];
  const stride = Math.floor((most - 2 * overlap) / step) * step;
  if (stride <= 0)
    throw new RangeError(`Tiles of ${most} pixels have no middle between overlaps of ${overlap}.`);
  const last = length - most;
  const count = Math.ceil(last / stride) + 1;
  const starts = Array.from({ length: count }, (_, i) => Math.floor((i * last) / (count - 1) / step) * step);
  return starts.map((from, i) => ({
    from,
    to: from + most,
    keepFrom: i === 0 ? 0 : seam(starts[i - 1]! + most, from),
    keepTo: i === count - 1 ? length : seam(from + most, starts[i + 1]!),
  }));
}

/** The middle of the stretch that two neighbours share. */
function seam(end: number, begin: number): number {
  return Math.floor((end + begin) / 2);
}

/**
 * Where the pixels of a line of `extended` pixels come from, whose middle is a line of `length` (it begins at `before`)
 * and that goes on in its mirror images, the outermost pixels once.
 */
export function mirroredLine(length: number, extended: number, before: number): Int32Array {
  const period = Math.max(1, 2 * (length - 1));
  return Int32Array.from({ length: extended }, (_, i) => {
    const place = (((i - before) % period) + period) % period;
    return Math.min(place, period - place) % length;
  });
}
