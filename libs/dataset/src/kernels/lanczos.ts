/** Drives the resampling kernels: input rows go in as strips, output rows come out in chunks. */
import type { FixedAxis } from '@pggan/resample';
import { workspace } from './instance.js';

/** Bytes of input and of output that lie in the kernels' memory at a time, where rows are not longer. */
const stripBytes = 1 << 16;

/** Places input rows `first` <= y < `first + rows`, one after the other, into `memory` from `at` on. Calls no kernel. */
export type FillRows = (memory: Uint8Array, at: number, first: number, rows: number) => void;

/** Columns of the input that are used. */
export interface UsedColumns {
  readonly first: number;
  readonly length: number;
}

/** An axis as the kernels want it: see ../../kernels/lanczos.ts. */
interface PackedAxis {
  readonly starts: Int32Array; // pairs of samples from `origin`
  readonly pairs: Int32Array; // pairs of taps
  readonly weights: Int16Array;
  readonly weightStride: number; // bytes per output
  readonly origin: number;
  readonly length: number; // input samples from `origin` on that are used
}

const highBits = 15;

const packedAxes = new WeakMap<FixedAxis, PackedAxis>();

function packed(axis: FixedAxis): PackedAxis {
  let known = packedAxes.get(axis);
  if (!known) packedAxes.set(axis, (known = pack(axis)));
  return known;
}

/** Taps are taken in pairs that begin at an even distance from the origin, with a weight of zero in front where needed. */
function pack({ start, count, taps, weights }: FixedAxis): PackedAxis {
  const outputs = start.length;
  const origin = start[0]!;
  const most = (taps >> 1) + 1;
  const weightPairs = new Int16Array(outputs * most * 4);
  const starts = new Int32Array(outputs);
  const pairs = new Int32Array(outputs);
  for (let i = 0; i < outputs; i++) {
    const first = start[i]! - origin;
    const lead = first & 1;
    starts[i] = first >> 1;
    pairs[i] = (lead + count[i]! + 1) >> 1;
    for (let k = i * taps, end = k + count[i]!, tap = lead; k < end; k++, tap++) {
      const w = weights[k]!;
      const to = (i * most + (tap >> 1)) * 4 + (tap & 1);
      weightPairs[to] = w & ((1 << highBits) - 1);
      weightPairs[to + 2] = w >> highBits;
    }
  }
  const length = start[outputs - 1]! + count[outputs - 1]! - origin;
  return { starts, pairs, weights: weightPairs, weightStride: most * 8, origin, length };
}

/**
 * RGB pixels resampled along both axes, horizontally first; the result has one row per output of `down` and one pixel
 * per output of `across`. `rowsOf` is told which columns are needed, and what it returns then gives rows of these.
 */
export function resampleRgb(
  across: FixedAxis,
  down: FixedAxis,
  rowsOf: (columns: UsedColumns) => FillRows,
): Uint8Array {
  const x = packed(across);
  const y = packed(down);
  const fill = rowsOf({ first: x.origin, length: x.length });

  const width = x.starts.length;
  const height = y.starts.length;
  const samples = width * 3;
  const rowBytes = x.length * 3;
  const pixelPairs = (x.length + 1) >> 1;
  // Rows are taken in groups of four.
  const strip = Math.max(4, Math.floor(stripBytes / rowBytes) & ~3);
  const window = y.pairs.reduce((a, b) => Math.max(a, b));
  const capacity = 2 * window + strip;
  const pairStride = Math.ceil((samples * 4 + 4) / 64) * 64;
  const chunk = Math.min(height, Math.max(1, Math.floor(stripBytes / samples)));

  const { kernels, memory, at } = workspace(
    strip * rowBytes,
    pixelPairs * 48,
    capacity * pairStride,
    chunk * samples,
    x.weights.byteLength,
    x.starts.byteLength,
    x.pairs.byteLength,
    y.weights.byteLength,
  );
  const [source, scratch, between, out, xWeights, xStarts, xPairs, yWeights] = at;
  const place = ({ buffer, byteLength }: Int16Array | Int32Array, to: number) =>
    memory.set(new Uint8Array(buffer, 0, byteLength), to);
  place(x.weights, xWeights);
  place(x.starts, xStarts);
  place(x.pairs, xPairs);
  place(y.weights, yWeights);

  const target = new Uint8Array(samples * height);
  // Pairs of rows of the horizontal pass: `dropped` of them were made and are gone, up to `made` lie in memory.
  let dropped = 0;
  let made = 0;
  for (let i = 0; i < height; i++) {
    const first = y.starts[i]!;
    const count = y.pairs[i]!;
    while (made < first + count) {
      const rows = Math.min(strip, y.length - made * 2);
      const groups = (rows + 3) >> 2;
      if (made + groups * 2 - dropped > capacity) {
        const kept = between + (first - dropped) * pairStride;
        memory.copyWithin(between, kept, between + (made - dropped) * pairStride);
        dropped = first;
      }
      fill(memory, source, y.origin + made * 2, rows);
      const to = between + (made - dropped) * pairStride;
      kernels.resampleRows(
        source,
        rowBytes,
        groups,
        scratch,
        pixelPairs,
        to,
        pairStride,
        width,
        xStarts,
        xPairs,
        xWeights,
        x.weightStride,
      );
      made += groups * 2;
    }
    const slot = i % chunk;
    const from = between + (first - dropped) * pairStride;
    const weights = yWeights + i * y.weightStride;
    kernels.resampleColumns(from, pairStride, count, weights, out + slot * samples, samples);
    if (slot === chunk - 1 || i === height - 1)
      target.set(memory.subarray(out, out + (slot + 1) * samples), (i - slot) * samples);
  }
  return target;
}
