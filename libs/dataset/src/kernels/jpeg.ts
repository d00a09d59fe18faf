/** Drives the kernels that decode plain JPEG files, to the same bytes as libjpeg. */
import { rgbImage, type RgbImage } from '../faces/image.js';
import { workspace } from './instance.js';
import type { HuffmanCodes, PlainJpeg } from './jpeg-header.js';

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

/** A Huffman table for lookup in two steps, see ../../kernels/jpeg-scan.ts. */
function lookupOf({ counts, symbols }: HuffmanCodes): Int32Array {
  const table: number[] = new Array<number>(1 << firstBits).fill(0);
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
        table[prefix] = link | (table.length * 4);
        for (let rest = 0; rest < 1 << secondBits; rest++) table.push(0);
      }
      const free = firstBits + secondBits - length;
      const second = (table[prefix]! ^ link) / 4 + ((code << free) & ((1 << secondBits) - 1));
      table.fill(entry, second, second + (1 << free));
    }
  }
  return Int32Array.from(table);
}

/** For each place in zigzag order the byte in a block of int16 and the quantiser; what comes after goes behind the block. */
function scalesOf(quantisers: Uint8Array): Int32Array {
  return Int32Array.from({ length: scaleCount }, (_, i) =>
    i < natural.length ? (natural[i]! * 2) | (quantisers[i]! << 16) : 128,
  );
}

/** Undefined: the data are damaged or odd, libjpeg decides what they mean. */
export function decodePlainJpeg(
  file: Uint8Array,
  header: PlainJpeg,
  allocate = (bytes: number): Uint8Array => new Uint8Array(bytes),
): RgbImage | undefined {
  const { width, height, components, scan } = header;
  const [luma] = components;
  const unitsAcross = Math.ceil(width / (8 * luma.across));
  const unitsDown = Math.ceil(height / (8 * luma.down));
  const lumaStride = unitsAcross * 8 * luma.across;
  const chromaStride = unitsAcross * 8;
  const dataBytes = file.length - scan;
  const rows = Math.min(height, Math.max(1, Math.floor(chunkBytes / (width * 3))));

  const lookups = components.map(
    ({ quantisers, dcTable, acTable }) =>
      [lookupOf(dcTable), lookupOf(acTable), scalesOf(quantisers)] as const,
  );
  const tableWords = lookups.flat().reduce((sum, table) => sum + table.length, 0);

  const { kernels, memory, at } = workspace(
    dataBytes,
    dataBytes + lookahead,
    lumaStride * unitsDown * 8 * luma.down,
    chromaStride * unitsDown * 8,
    chromaStride * unitsDown * 8,
    tableWords * 4,
    components.length * componentWords * 4,
    1,
    width * 4 + 256,
    width * 3 * rows,
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
  if (kernels.decodeScan(top, length, unitsAcross, unitsDown, componentsAt) === 0) return undefined;

  const image = rgbImage(width, height, allocate(width * height * 3));
  const chromaWidth = Math.ceil(width / luma.across);
  const chromaHeight = Math.ceil(height / luma.down);
  for (let first = 0; first < height; first += rows) {
    const count = Math.min(rows, height - first);
    kernels.convertRows(
      y,
      lumaStride,
      cb,
      cr,
      chromaStride,
      chromaWidth,
      chromaHeight,
      width,
      height,
      first,
      count,
      scratch,
      out,
    );
    image.data.set(memory.subarray(out, out + count * width * 3), first * width * 3);
  }
  return image;
}
