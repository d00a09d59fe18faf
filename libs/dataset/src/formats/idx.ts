/** The idx format of MNIST: a header 0, 0, type, number of axes, their big-endian lengths; then elements. */
import { DatasetError } from '../errors.js';
import { gunzip, gunzipStart, isGzip, mostPerByte } from './gunzip.js';
import { largestRead, openInput, readExactly, type InputFile } from './input.js';

/** Unsigned bytes with any number of axes; the first one counts the items. */
export interface IdxFile {
  readonly path: string;
  readonly shape: readonly number[];
  /** Elements of item i, its own copy. */
  item(i: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

const byteType = 8;
const typeNames: Record<number, string> = {
  8: 'unsigned bytes',
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: '32-bit floats',
  14: '64-bit floats',
};

const headerBytes = (axes: number) => 4 + 4 * axes;

function parseHeader(head: Buffer, axes: number, file: string): number[] {
  const wanted = `an idx file of unsigned bytes with ${axes} axes (it starts with the bytes 0 0 8 ${axes})`;
  const invalid = (what: string) =>
    new DatasetError('source-invalid', `${file}: ${what}; expected ${wanted}`);
  if (head.length < headerBytes(axes))
    throw invalid(`ends after ${head.length} of the header's ${headerBytes(axes)} bytes`);
  if (head[0] !== 0 || head[1] !== 0)
    throw invalid(`starts with the bytes ${[...head.subarray(0, 4)].join(' ')}`);
  if (head[2] !== byteType) throw invalid(`holds ${typeNames[head[2]!] ?? `elements of type ${head[2]}`}`);
  if (head[3] !== axes) throw invalid(`has ${head[3]} axes`);
  const shape = Array.from({ length: axes }, (_, axis) => head.readUInt32BE(4 + 4 * axis));
  if (shape.slice(1).includes(0)) throw invalid(`has items of no elements (${shape.join('x')})`);
  return shape;
}

function checkLength(file: string, shape: readonly number[], expected: number, got: string): DatasetError {
  return new DatasetError(
    'source-invalid',
    `${file}: its header promises ${shape.join('x')} elements, ${expected} bytes with the header; it has ${got}`,
  );
}

/** The whole file in memory, unpacked. */
async function load(file: InputFile, axes: number): Promise<{ shape: number[]; bytes: Buffer }> {
  if (file.size > largestRead)
    throw new DatasetError(
      'source-invalid',
      `${file.path}: has ${file.size} bytes, more than ${largestRead}; unpack it`,
    );
  const stored = await readExactly(file, 0, file.size);
  const packed = isGzip(stored);
  const head = packed ? gunzipStart(stored, headerBytes(axes), file.path) : stored;
  const shape = parseHeader(head, axes, file.path);
  const expected = headerBytes(axes) + shape.reduce((a, b) => a * b, 1);
  if (packed && expected > Math.min(largestRead, stored.length * mostPerByte))
    throw checkLength(file.path, shape, expected, `${stored.length} gzipped bytes`);
  const bytes = packed ? await gunzip(stored, expected, file.path) : stored;
  if (bytes.length !== expected) throw checkLength(file.path, shape, expected, `${bytes.length} bytes`);
  return { shape, bytes };
}

/**
 * Opens a plain or gzipped file, told apart by content. A plain one is read item by item, unless
 * `resident` asks for it in memory.
 * @throws DatasetError `source-missing`, `source-invalid`
 */
export async function openIdx(path: string, axes: number, { resident = false } = {}): Promise<IdxFile> {
  const file = await openInput(path, 'an idx file');
  const close = () => file.handle.close();
  try {
    const head = await readExactly(file, 0, Math.min(headerBytes(axes), file.size));
    if (resident || isGzip(head)) {
      const { shape, bytes } = await load(file, axes);
      await close();
      const start = headerBytes(axes);
      const length = (bytes.length - start) / (shape[0] || 1);
      return {
        path,
        shape,
        item: async (i) => new Uint8Array(bytes.subarray(start + i * length, start + (i + 1) * length)),
        close: async () => undefined,
      };
    }
    const shape = parseHeader(head, axes, path);
    const length = shape.slice(1).reduce((a, b) => a * b, 1);
    const expected = headerBytes(axes) + shape[0]! * length;
    if (file.size !== expected) throw checkLength(path, shape, expected, `${file.size} bytes`);
    return {
      path,
      shape,
      item: async (i) => new Uint8Array(await readExactly(file, headerBytes(axes) + i * length, length)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All elements of a file with one axis. */
export async function readIdxVector(path: string): Promise<Uint8Array> {
  const file = await openInput(path, 'an idx file');
  try {
    return (await load(file, 1)).bytes.subarray(headerBytes(1));
  } finally {
    await file.handle.close();
  }
}
