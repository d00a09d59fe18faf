/** Drives the resampling kernels: input rows go in as strips, output rows come out in chunks. */
import type { ResampleAxis } from '../faces/lanczos.js';
import { workspace } from './instance.js';

/** Bytes of input and of output that lie in the kernels' memory at a time, where a row is not longer. */
const stripBytes = 1 << 16;

/** Places input rows `first` <= y < `first + rows`, one after the other, into `memory` from `at` on. */
export type FillRows = (memory: Uint8Array, at: number, first: number, rows: number) => void;

/** An axis as the kernels want it: see ../../kernels/lanczos.ts. */
interface PackedAxis {
  readonly starts: Int32Array; // in samples from `origin`
  readonly pairs: Int32Array;
  readonly weights: Int16Array;
  readonly weightStride: number; // bytes per output
  readonly origin: number;
  readonly length: number; // input samples from `origin` on that are used
}

const highBits = 15;

/** `even`: taps begin at an even distance from the origin, with a weight of zero in front where needed. */
function pack({ start, count, taps, weights }: ResampleAxis, even: boolean): PackedAxis {
  const outputs = start.length;
  const origin = start[0]!;
  const most = (taps >> 1) + 1;
  const packed = new Int16Array(outputs * most * 4);
  const starts = new Int32Array(outputs);
  const pairs = new Int32Array(outputs);
  for (let i = 0; i < outputs; i++) {
    const first = start[i]! - origin;
    const lead = even ? first & 1 : 0;
    starts[i] = first - lead;
    pairs[i] = (lead + count[i]! + 1) >> 1;
    for (let k = 0, tap = lead; k < count[i]!; k++, tap++) {
      const w = weights[i * taps + k]!;
      const to = (i * most + (tap >> 1)) * 4 + (tap & 1);
      packed[to] = w & ((1 << highBits) - 1);
      packed[to + 2] = w >> highBits;
    }
  }
  const length = start[outputs - 1]! + count[outputs - 1]! - origin;
  return { starts, pairs, weights: packed, weightStride: most * 8, origin, length };
}

/**
 * RGB pixels resampled along both axes, horizontally first; the result has one row per output of `down` and one pixel
 * per output of `across`. `fill` gives rows of `columns.length` pixels, from input column `columns.first` on.
 */
export function resampleRgb(
  across: ResampleAxis,
  down: ResampleAxis,
  rowsOf: (columns: { readonly first: number; readonly length: number }) => FillRows,
): Uint8Array {
  const x = pack(across, false);
  const y = pack(down, true);
  for (let i = 0; i < x.starts.length; i++) x.starts[i]! *= 3;
  const fill = rowsOf({ first: x.origin, length: x.length });

  const width = x.starts.length;
  const height = y.starts.length;
  const samples = width * 3;
  const rowBytes = x.length * 3;
  const strip = Math.max(2, Math.floor(stripBytes / rowBytes) & ~1);
  const window = y.pairs.reduce((a, b) => Math.max(a, b));
  const capacity = 2 * window + strip;
  const pairStride = Math.ceil((samples * 4 + 4) / 64) * 64;
  const chunk = Math.min(height, Math.max(1, Math.floor(stripBytes / samples)));

  const { kernels, memory, at } = workspace(
    strip * rowBytes,
    capacity * pairStride,
    chunk * samples,
    x.weights.byteLength,
    y.weights.byteLength,
    x.starts.byteLength,
    x.pairs.byteLength,
  );
  const [source, between, out, xWeights, yWeights, xStarts, xPairs] = at as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const place = (array: Int16Array | Int32Array, to: number) =>
    memory.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), to);
  place(x.weights, xWeights);
  place(y.weights, yWeights);
  place(x.starts, xStarts);
  place(x.pairs, xPairs);

  const target = new Uint8Array(samples * height);
  // Pairs of rows of the horizontal pass: `dropped` of them were made and are gone, up to `made` lie in memory.
  let dropped = 0;
  let made = 0;
  for (let i = 0; i < height; i++) {
    const first = y.starts[i]! >> 1;
    const count = y.pairs[i]!;
    while (made < first + count) {
      const rows = Math.min(strip, y.length - made * 2);
      const more = (rows + 1) >> 1;
      if (made + more - dropped > capacity) {
        memory.copyWithin(
          between,
          between + (first - dropped) * pairStride,
          between + (made - dropped) * pairStride,
        );
        dropped = first;
      }
      fill(memory, source, y.origin + made * 2, rows);
      kernels.resampleRowPairs(
        source,
        rowBytes,
        more,
        between + (made - dropped) * pairStride,
        pairStride,
        width,
        xStarts,
        xPairs,
        xWeights,
        x.weightStride,
      );
      made += more;
    }
    const slot = i % chunk;
    kernels.resampleColumns(
      between + (first - dropped) * pairStride,
      pairStride,
      count,
      yWeights + i * y.weightStride,
      out + slot * samples,
      samples,
    );
    if (slot === chunk - 1 || i === height - 1)
      target.set(memory.subarray(out, out + (slot + 1) * samples), (i - slot) * samples);
  }
  return target;
}
