/**
 * Distances along directions of many descriptors: these and the directions are rounded to 16 bits, and of the projections
 * only a table per direction is kept (see kernels/transport.ts). Sums of that many values lose less than float32 sums do.
 */
import { kernelExports, workspace } from '../kernels/instance.js';
import { integerPanelWidth, type Quantiser } from './panels.js';
import { rowChunks } from './row-chunks.js';

export interface IntegerSide {
  readonly blocks: readonly Float32Array[]; // [row, component] each
  readonly quantisers: readonly Quantiser[]; // per channel
  readonly factors: Float32Array; // of integerFactors
  readonly constants: Float32Array;
}

export interface IntegerSlices {
  readonly kind: 'int16';
  readonly sides: readonly [IntegerSide, IntegerSide];
  readonly rows: number; // of each side
  readonly components: number;
  readonly directions: number;
  readonly panels: Int16Array; // of integerPanels
  readonly octaves: number; // of the tables: magnitudes are below 2^(octaves - 1) - 0.5
}

/** What a table's counts hold. */
export const mostRows = 2 ** 25;

/** Rows at a time: many for each visit of a table, while packed they still fit the processor's caches. */
const chunkRows = 4096;
const groupRows = 8;

export function integerSlices(task: IntegerSlices): Float64Array {
  const { sides, rows, components, directions, panels, octaves } = task;
  const panelCount = Math.ceil(directions / integerPanelWidth);
  const channels = sides[0].quantisers.length;
  const tableBytes = kernelExports().tableBytes(octaves);
  // Lines whose distance is a power of two would compete for few places of the first cache.
  const line = chunkRows * 4 + 64;
  const { kernels, bytes, floats, at } = workspace(
    (chunkRows + groupRows) * components * 4,
    chunkRows * (components + channels) * 2,
    groupRows * (components + channels + 8) * 2,
    panels.byteLength,
    channels * 4,
    channels * 4,
    sides[0].factors.byteLength,
    sides[0].constants.byteLength,
    panelCount * integerPanelWidth * line,
    directions * tableBytes,
    directions * tableBytes,
  );
  const [raw, packed, scratch, panelsAt, offsets, scales, factorsAt, constantsAt, out, ...tables] = at;
  bytes.set(new Uint8Array(panels.buffer, panels.byteOffset, panels.byteLength), panelsAt);
  bytes.fill(0, tables[0], tables[1] + directions * tableBytes);
  for (const [side, { blocks, quantisers, factors, constants }] of sides.entries()) {
    floats.set(
      quantisers.map(({ offset }) => offset),
      offsets / 4,
    );
    floats.set(
      quantisers.map(({ scale }) => scale),
      scales / 4,
    );
    floats.set(factors, factorsAt / 4);
    floats.set(constants, constantsAt / 4);
    for (const count of rowChunks(blocks, components, chunkRows, floats, raw / 4)) {
      const groups = Math.ceil(count / groupRows);
      kernels.packRows(raw, count, channels, offsets, scales, packed, scratch);
      kernels.projectInteger(
        packed,
        groups,
        channels,
        panelsAt,
        panelCount,
        factorsAt,
        constantsAt,
        out,
        line,
      );
      for (let direction = 0; direction < directions; direction++)
        kernels.enterTable(out + direction * line, count, tables[side]! + direction * tableBytes, octaves);
    }
  }
  return Float64Array.from({ length: directions }, (_, direction) => {
    const [left, right] = tables.map((table) => table + direction * tableBytes);
    return kernels.tableDistance(left!, right!, octaves) / rows;
  });
}
