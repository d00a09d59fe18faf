/** Distances along directions in float32 throughout, of projections that are sorted: for sets where it costs little. */
import { kernelExports, workspace } from '../kernels/instance.js';
import { patchArea } from './describe-task.js';
import type { Normaliser } from './moments.js';
import { floatPanelWidth } from './panels.js';
import { rowChunks } from './row-chunks.js';

export interface SortedSide {
  readonly blocks: readonly Float32Array[]; // [row, component] each
  readonly normalisers: readonly Normaliser[]; // per channel
}

export interface SortedSlices {
  readonly kind: 'float32';
  readonly sides: readonly [SortedSide, SortedSide];
  readonly rows: number; // of each side
  readonly components: number;
  readonly directions: number;
  readonly panels: Float32Array; // of floatPanels
}

/** Rows at a time: what they need fits the processor's second cache. */
const chunkRows = 512;
/** Kernels work in fours, and write that much. */
const roundedUp = (rows: number) => Math.ceil(rows / 4) * 4;

/** Bytes that a thread holds per direction. */
export function sortedBytes(rows: number): number {
  return 2 * 4 * roundedUp(rows);
}

export function sortedSlices({ sides, rows, components, directions, panels }: SortedSlices): Float64Array {
  const panelCount = Math.ceil(directions / floatPanelWidth);
  const line = roundedUp(rows) * 4;
  const lines = panelCount * floatPanelWidth * line;
  const { kernels, floats, at } = workspace(
    chunkRows * components * 4,
    chunkRows * components * 4,
    panels.byteLength,
    components * 4,
    components * 4,
    lines,
    lines,
    line,
    kernelExports().sortScratch(),
  );
  const [raw, ready, panelsAt, means, factors, a, b, spare, counts] = at;
  floats.set(panels, panelsAt / 4);
  for (const [side, { blocks, normalisers }] of sides.entries()) {
    for (let i = 0; i < components; i++) {
      const { mean, factor } = normalisers[Math.floor(i / patchArea)]!;
      floats[means / 4 + i] = mean;
      floats[factors / 4 + i] = factor;
    }
    let target = side === 0 ? a : b;
    for (const count of rowChunks(blocks, components, chunkRows, floats, raw / 4)) {
      kernels.normaliseRows(raw, count, components, means, factors, ready);
      kernels.projectFloat(ready, count, components, panelsAt, panelCount, target, line);
      target += count * 4;
    }
  }
  return Float64Array.from({ length: directions }, (_, direction) => {
    const [left, right] = [a + direction * line, b + direction * line];
    kernels.sortFloats(left, rows, spare, counts);
    kernels.sortFloats(right, rows, spare, counts);
    return kernels.rankDistance(left, right, rows) / rows;
  });
}
