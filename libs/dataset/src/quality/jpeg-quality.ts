/**
 * With which quality a JPEG file was last saved, told from its quantisation tables (ITU-T T.81, B.2.4.1). The scale is
 * that of the Independent JPEG Group, which libjpeg and most programs use: the tables of annex K times 5000 / quality
 * below 50, times 200 − 2 · quality above, percent. Cameras and photo editors have tables of their own; they get the
 * quality whose tables are nearest in the sum of absolute differences.
 */

/** Annex K.1, luma and chroma, rows from the top. */
const lumaTable = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
].flat();
const chromaCorner = [
  [17, 18, 24, 47],
  [18, 21, 26, 66],
  [24, 26, 56, 99],
  [47, 66, 99, 99],
];
const chromaTable = lumaTable.map((_, i) => chromaCorner[i >> 3]?.[i & 7] ?? 99);

/** Row-major place of the n-th value of a table in a file: along the diagonals, back and forth. */
const zigzag = Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
  const [sumA, sumB] = [(a >> 3) + (a & 7), (b >> 3) + (b & 7)];
  return sumA - sumB || (sumA % 2 === 0 ? b - a : a - b);
});

const marker = {
  temporary: 0x01,
  firstFrame: 0xc0,
  lastFrame: 0xcf,
  notFrames: [0xc4, 0xc8, 0xcc], // Huffman tables, an extension, arithmetic coding
  firstRestart: 0xd0,
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  quantisers: 0xdb,
};

type Table = readonly number[]; // 64, file order

interface Found {
  readonly tables: Map<number, Table>;
  readonly components: number[]; // table number of each component
}

/**
 * 1…100; null for files that are not JPEG or hold no whole table before their first scan. `file`: the whole or as much
 * of it as there is.
 */
export function jpegQuality(file: Uint8Array): number | null {
  const found = readTables(file);
  const luma = found?.tables.get(found.components[0] ?? 0);
  if (!found || !luma) return null;
  const chromaNumber = found.components[1] ?? found.components[0] ?? 1;
  const chroma = chromaNumber === (found.components[0] ?? 0) ? undefined : found.tables.get(chromaNumber);
  return nearestQuality(luma, chroma);
}

/** Undefined where the bytes do not begin as a JPEG file does. Damage ends the search, not what was found before. */
function readTables(file: Uint8Array): Found | undefined {
  if (file.length < 3 || file[0] !== 0xff || file[1] !== marker.start || file[2] !== 0xff) return undefined;
  const found: Found = { tables: new Map(), components: [] };
  for (let at = 2; at + 1 < file.length;) {
    if (file[at] !== 0xff) return found;
    const kind = file[at + 1]!;
    if (kind === 0xff) {
      at++; // any number of these may stand before a marker
      continue;
    }
    if (kind === marker.scan || kind === marker.end || kind === 0) return found;
    if (kind === marker.temporary || (kind >= marker.firstRestart && kind <= marker.start)) {
      at += 2; // markers without a segment
      continue;
    }
    if (at + 4 > file.length) return found;
    const length = file[at + 2]! * 256 + file[at + 3]!;
    if (length < 2 || at + 2 + length > file.length) return found;
    const segment = file.subarray(at + 4, at + 2 + length);
    if (kind === marker.quantisers) readSegment(segment, found.tables);
    else if (kind >= marker.firstFrame && kind <= marker.lastFrame && !marker.notFrames.includes(kind))
      readFrame(segment, found.components);
    at += 2 + length;
  }
  return found;
}

function readSegment(segment: Uint8Array, tables: Map<number, Table>): void {
  for (let at = 0; at < segment.length;) {
    const [wide, number] = [segment[at]! >> 4, segment[at]! & 15];
    const bytes = wide === 0 ? 1 : 2;
    if (wide > 1 || number > 3 || at + 1 + 64 * bytes > segment.length) return;
    const start = at + 1;
    tables.set(
      number,
      Array.from({ length: 64 }, (_, i) =>
        bytes === 1 ? segment[start + i]! : segment[start + 2 * i]! * 256 + segment[start + 2 * i + 1]!,
      ),
    );
    at = start + 64 * bytes;
  }
}

function readFrame(segment: Uint8Array, components: number[]): void {
  if (components.length > 0) return; // the first frame is the picture
  const count = segment[5] ?? 0;
  for (let i = 0; i < count && 6 + 3 * i + 2 < segment.length; i++) components.push(segment[6 + 3 * i + 2]!);
}

function scaled(base: readonly number[], quality: number): Table {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return zigzag.map((place) => Math.min(255, Math.max(1, Math.floor((base[place]! * percent + 50) / 100))));
}

const distance = (a: Table, b: Table) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);

const qualities = Array.from({ length: 100 }, (_, i) => ({
  quality: i + 1,
  luma: scaled(lumaTable, i + 1),
  chroma: scaled(chromaTable, i + 1),
}));

/** Of equally near qualities the best. */
function nearestQuality(luma: Table, chroma: Table | undefined): number {
  let [best, least] = [1, Infinity];
  for (const known of qualities) {
    const away = distance(luma, known.luma) + (chroma ? distance(chroma, known.chroma) : 0);
    if (away <= least) [best, least] = [known.quality, away];
  }
  return best;
}
