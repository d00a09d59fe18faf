/**
 * What stands before the pixels of a JPEG file, where it is of the plain kind that the kernels decode: baseline Huffman
 * coding of 8 bits, three components of luma and chroma in one scan, chroma whole or halved, nothing that turns or
 * recolours the picture. Of anything else, and of anything doubtful, it knows nothing: libjpeg decides then.
 */

export interface JpegComponent {
  readonly across: number; // blocks of a unit
  readonly down: number;
  readonly quantisers: Uint8Array; // 64, zigzag order
  readonly dcTable: HuffmanCodes;
  readonly acTable: HuffmanCodes;
}

export interface HuffmanCodes {
  readonly counts: Uint8Array; // codes of 1…16 bits
  readonly symbols: Uint8Array;
}

export interface PlainJpeg {
  readonly width: number;
  readonly height: number;
  readonly components: readonly [luma: JpegComponent, blue: JpegComponent, red: JpegComponent];
  readonly hasExif: boolean; // which may say that the picture is to be turned
  readonly scan: number; // first byte of the entropy-coded data
}

const marker = {
  quantisers: 0xdb,
  huffman: 0xc4,
  baseline: 0xc0,
  sequential: 0xc1,
  scan: 0xda,
  jfif: 0xe0,
  exif: 0xe1,
  comment: 0xfe,
} as const;

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly { id: number; across: number; down: number; quantisers: number }[];
}

function readFrame(segment: Buffer): Frame | undefined {
  if (segment.length !== 15 || segment[0] !== 8 || segment[5] !== 3) return undefined;
  const components = [6, 9, 12].map((at) => ({
    id: segment[at]!,
    across: segment[at + 1]! >> 4,
    down: segment[at + 1]! & 15,
    quantisers: segment[at + 2]!,
  }));
  const [luma, ...chroma] = components;
  const known = ['1x1', '2x1', '2x2'].includes(`${luma!.across}x${luma!.down}`);
  if (!known || chroma.some(({ across, down }) => across !== 1 || down !== 1)) return undefined;
  return { width: segment.readUInt16BE(3), height: segment.readUInt16BE(1), components };
}

function readHuffman(segment: Buffer, tables: Map<number, HuffmanCodes>): boolean {
  for (let at = 0; at < segment.length;) {
    const counts = segment.subarray(at + 1, at + 17);
    if (counts.length !== 16) return false;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = segment.subarray(at + 17, at + 17 + total);
    if (symbols.length !== total || total > 256) return false;
    // As many codes of a length as there are bits for, the one of all ones left free.
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      code = code * 2 + counts[length - 1]!;
      if (counts[length - 1]! > 0 && code >= 2 ** length) return false;
    }
    tables.set(segment[at]!, { counts, symbols });
    at += 17 + total;
  }
  return true;
}

function readQuantisers(segment: Buffer, tables: Map<number, Uint8Array>): boolean {
  for (let at = 0; at < segment.length; at += 65) {
    const values = segment.subarray(at + 1, at + 65);
    if (segment[at]! > 3 || values.length !== 64) return false;
    tables.set(segment[at]!, values);
  }
  return true;
}

/** Undefined: not of the plain kind, or damaged. */
export function readPlainJpeg(file: Buffer): PlainJpeg | undefined {
  if (file.length < 4 || file.readUInt16BE(0) !== 0xffd8) return undefined;
  const quantisers = new Map<number, Uint8Array>();
  const huffman = new Map<number, HuffmanCodes>();
  let frame: Frame | undefined;
  let [hasJfif, hasExif] = [false, false];
  for (let at = 2; at + 4 <= file.length;) {
    if (file[at] !== 0xff) return undefined;
    const kind = file[at + 1]!;
    const length = file.readUInt16BE(at + 2);
    const segment = file.subarray(at + 4, at + 2 + length);
    if (length < 2 || segment.length !== length - 2) return undefined;
    at += 2 + length;
    switch (kind) {
      case marker.jfif:
        hasJfif ||= segment.toString('latin1', 0, 5) === 'JFIF\0';
        break;
      case marker.exif:
        // The other user of this marker, XMP, may tell of a second picture with more dynamic range.
        if (segment.toString('latin1', 0, 6) !== 'Exif\0\0') return undefined;
        hasExif = true;
        break;
      case marker.comment:
        break;
      case marker.quantisers:
        if (!readQuantisers(segment, quantisers)) return undefined;
        break;
      case marker.huffman:
        if (!readHuffman(segment, huffman)) return undefined;
        break;
      case marker.baseline:
      case marker.sequential:
        if (frame) return undefined;
        frame = readFrame(segment);
        if (!frame) return undefined;
        break;
      case marker.scan:
        return frame && readScan(frame, segment, hasJfif, { quantisers, huffman, hasExif, scan: at });
      default:
        return undefined;
    }
  }
  return undefined;
}

function readScan(
  { width, height, components }: Frame,
  segment: Buffer,
  hasJfif: boolean,
  found: {
    quantisers: ReadonlyMap<number, Uint8Array>;
    huffman: ReadonlyMap<number, HuffmanCodes>;
    hasExif: boolean;
    scan: number;
  },
): PlainJpeg | undefined {
  // Three components, all 64 coefficients of them, in full precision.
  if (segment.length !== 10 || segment[0] !== 3 || segment.readUIntBE(7, 3) !== 0x003f00) return undefined;
  // Without JFIF the names tell whether these are luma and chroma.
  if (!hasJfif && components.some(({ id }, i) => id !== i + 1)) return undefined;
  // Triangle filters need neighbours.
  if (width < 16 || height < 16) return undefined;
  const complete = components.map(({ id, across, down, quantisers }, i): JpegComponent | undefined => {
    const tables = segment[2 + 2 * i]!;
    const dcTable = found.huffman.get(tables >> 4);
    const acTable = found.huffman.get(0x10 | (tables & 15));
    const values = found.quantisers.get(quantisers);
    if (segment[1 + 2 * i] !== id || !dcTable || !acTable || !values) return undefined;
    if (dcTable.symbols.some((size) => size > 11)) return undefined;
    return { across, down, quantisers: values, dcTable, acTable };
  });
  const [luma, blue, red] = complete;
  if (!luma || !blue || !red) return undefined;
  const { hasExif, scan } = found;
  return { width, height, components: [luma, blue, red], hasExif, scan };
}
