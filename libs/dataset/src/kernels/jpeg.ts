/** Drives the kernels that decode plain JPEG files, to the same bytes as libjpeg. */
import { rgbImage, wholeOf, type RgbImage } from '../faces/image.js';
import { workspace } from './instance.js';
import type { HuffmanCodes, PlainJpeg } from './jpeg-header.js';
import { keepRecent } from './recent.js';

/** Planes of larger pictures would stay in the memory of every thread: they are left to libjpeg. */
export const largestPlainJpeg = 32_000_000;

/** Bytes of output in the kernels' memory at a time, where a row is not longer. */
const chunkBytes = 1 << 16;

/** Data beyond its end that the kernel may read. */
const lookahead = 2048;

const endOfImage = 0xd9;

/** Place of the i-th coefficient of the zigzag. */
const natural = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
];
const scaleCount = natural.length + 16;

/** int32 that the kernel is told about a component. */
const componentWords = 8;

const [firstBits, secondBits] = [10, 6];
const link = 1 << 31;

/** Encoders know few tables. */
const recentTables = 32;

const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1');

/** A Huffman table for lookup in two steps, see ../../kernels/jpeg-scan.ts. */
const lookupOf = keepRecent(
  recentTables,
  ({ counts, symbols }: HuffmanCodes) => textOf(counts) + textOf(symbols),
  computeLookup,
);

function computeLookup({ counts, symbols }: HuffmanCodes): Int32Array {
  // A second step for every code of more than ten bits, at most.
  const longCodes = counts.subarray(firstBits).reduce((sum, count) => sum + count, 0);
  const table = new Int32Array((1 << firstBits) + longCodes * (1 << secondBits));
  let used = 1 << firstBits;
  for (let length = 1, code = 0, place = 0; length <= 16; length++, code *= 2) {
    for (let i = 0; i < counts[length - 1]!; i++, code++, place++) {
      const [run, size] = [symbols[place]! >> 4, symbols[place]! & 15];
      const entry = (length + size) | (run << 8) | (((1 << size) - 1) << 16);
      if (length <= firstBits) {
        table.fill(entry, code << (firstBits - length), (code + 1) << (firstBits - length));
        continue;
      }
      const prefix = code >> (length - firstBits);
      if (table[prefix] === 0) {
        table[prefix] = link | (used * 4);
        used += 1 << secondBits;
      }
      const free = firstBits + secondBits - length;
      const second = (table[prefix]! ^ link) / 4 + ((code << free) & ((1 << secondBits) - 1));
      table.fill(entry, second, second + (1 << free));
    }
  }
  return table.slice(0, used);
}

/** For each place in zigzag order the byte in a block of int16 and the quantiser; what comes after goes behind the block. */
const scalesOf = keepRecent(recentTables, textOf, computeScales);

function computeScales(quantisers: Uint8Array): Int32Array {
  return Int32Array.from({ length: scaleCount }, (_, i) =>
    i < natural.length ? (natural[i]! * 2) | (quantisers[i]! << 16) : 128,
  );
}

/** Samples around a part of the picture on which its chroma depends. */
const margin = 2;

/** Whole units, from a first one to one behind the last. */
function unitsAround(first: number, end: number, unit: number, units: number): [number, number] {
  return [
    Math.max(0, Math.floor((first - margin) / unit)),
    Math.min(units, Math.ceil((end + margin) / unit)),
  ];
}

/** All of the picture, or `part` of it. Undefined: the data are damaged or odd, libjpeg decides what they mean. */
export function decodePlainJpeg(
  file: Uint8Array,
  header: PlainJpeg,
  part = wholeOf(header),
  allocate = (bytes: number): Uint8Array => new Uint8Array(bytes),
): RgbImage | undefined {
  const { width, height, components, scan } = header;
  const [luma] = components;
  const [unitWidth, unitHeight] = [8 * luma.across, 8 * luma.down];
  const unitsAcross = Math.ceil(width / unitWidth);
  const unitsDown = Math.ceil(height / unitHeight);
  const [fromColumn, toColumn] = unitsAround(part.left, part.right, unitWidth, unitsAcross);
  const [fromRow, toRow] = unitsAround(part.top, part.bottom, unitHeight, unitsDown);
  const lumaStride = unitsAcross * unitWidth;
  const chromaStride = unitsAcross * 8;
  const dataBytes = file.length - scan;
  const firstColumn = fromColumn * unitWidth;
  const columns = Math.min(width, toColumn * unitWidth) - firstColumn;
  const rows = Math.min(part.bottom - part.top, Math.max(1, Math.floor(chunkBytes / (columns * 3))));

  const lookups = components.map(
    ({ quantisers, dcTable, acTable }) =>
      [lookupOf(dcTable), lookupOf(acTable), scalesOf(quantisers)] as const,
  );
  const tableWords = lookups.flat().reduce((sum, table) => sum + table.length, 0);

  const { kernels, memory, at } = workspace(
    dataBytes,
    dataBytes + lookahead,
    lumaStride * unitsDown * unitHeight,
    chromaStride * unitsDown * 8,
    chromaStride * unitsDown * 8,
    tableWords * 4,
    components.length * componentWords * 4,
    1,
    columns * 4 + 256,
    columns * 3 * rows,
  );
  const [stuffed, below, y, cb, cr, tables, componentsAt, marker, scratch, out] = at;
  memory.set(file.subarray(scan), stuffed);
  const top = below + lookahead + dataBytes;
  const length = kernels.unstuff(stuffed, stuffed + dataBytes, top, marker);
  if (memory[marker] !== endOfImage) return undefined;

  const words = new Int32Array(memory.buffer);
  let place = tables;
  for (const [i, { across, down }] of components.entries()) {
    const addresses = lookups[i]!.map((table) => {
      const address = place;
      words.set(table, address / 4);
      place += table.byteLength;
      return address;
    });
    const stride = i === 0 ? lumaStride : chromaStride;
    words.set([across, down, [y, cb, cr][i]!, stride, ...addresses], componentsAt / 4 + i * componentWords);
  }
  const decoded = kernels.decodeScan(
    top,
    length,
    unitsAcross,
    unitsDown,
    componentsAt,
    fromColumn,
    toColumn,
    fromRow,
    toRow,
  );
  if (decoded === 0) return undefined;

  const image = rgbImage(
    part.right - part.left,
    part.bottom - part.top,
    allocate((part.right - part.left) * (part.bottom - part.top) * 3),
  );
  const rowBytes = image.width * 3;
  const inside = out + (part.left - firstColumn) * 3;
  const chromaFirst = fromColumn * 8;
  for (let first = part.top; first < part.bottom; first += rows) {
    const count = Math.min(rows, part.bottom - first);
    kernels.convertRows(
      y + firstColumn,
      lumaStride,
      cb + chromaFirst,
      cr + chromaFirst,
      chromaStride,
      Math.ceil(columns / luma.across),
      Math.ceil(height / luma.down),
      columns,
      height,
      first,
      count,
      scratch,
      out,
    );
    if (columns === image.width) {
      image.data.set(memory.subarray(out, out + count * rowBytes), (first - part.top) * rowBytes);
      continue;
    }
    for (let row = 0, from = inside; row < count; row++, from += columns * 3)
      image.data.set(memory.subarray(from, from + rowBytes), (first - part.top + row) * rowBytes);
  }
  return image;
}
