/**
 * The safetensors container: 8 bytes length, a JSON header, then the numbers of all tensors one after
 * another, little-endian. Written as float32; files of other programs may hold other floating-point
 * numbers, which become float32. Nothing here knows what the tensors mean.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { z } from 'zod';
import { ModelError } from './errors.js';

/** Numbers in C order with their shape. */
export interface RawTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TensorFile {
  /** Free text by key; the format allows nothing else. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, RawTensor>>;
}

/**
 * Metadata key of the checksum: SHA-256 of the whole file, with the 64 digits of the checksum
 * itself read as zeros. Files of other programs have none and are not checked.
 */
export const checksumKey = 'sha256';
const noChecksum = '0'.repeat(64);

/** How the numbers of each known type are read, `bytes` each. */
const types: Record<string, { bytes: number; read(view: DataView, at: number): number }> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => bfloatToNumber(view.getUint16(at, true)) },
};

const headerSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({
      dtype: z.string(),
      shape: z.array(z.number().int().min(0)),
      data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
    }),
    z.record(z.string(), z.string()),
  ]),
);

/** The file's bytes, checksum included. */
export function encodeSafetensors({ metadata, tensors }: TensorFile): Buffer {
  if (endianness() !== 'LE') {
    throw new ModelError('tensor-file-invalid', 'this machine is big-endian; expected little-endian');
  }
  const header: Record<string, unknown> = {
    __metadata__: { ...metadata, [checksumKey]: noChecksum },
  };
  const blobs: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    blobs.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const file = Buffer.concat([Buffer.alloc(8), json, Buffer.alloc(length - json.length, ' '), ...blobs]);
  file.writeBigUInt64LE(BigInt(length));
  const place = file.indexOf(`"${checksumKey}":"${noChecksum}"`) + checksumKey.length + 4;
  file.write(createHash('sha256').update(file).digest('hex'), place, 'latin1');
  return file;
}

/**
 * Reads a file's bytes; tensors are copies. A cut file is told from a changed one: the first names
 * expected and found bytes, the second is found by the checksum when there is one. The numbers must
 * fill the file without gap or overlap, as the format has it.
 * @param name what messages call the file
 * @param remedy what messages advise
 * @throws ModelError `checkpoint-corrupt`
 */
export function decodeSafetensors(file: Buffer, name: string, remedy = defaultRemedy): TensorFile {
  const corrupt = corruption(name, remedy);
  const cut = (expected: number, least = '') => corrupt(incomplete(expected, file.length, least));
  if (file.length < 8) throw cut(8, 'at least ');
  const start = headerEnd(file, corrupt);
  if (file.length < start) throw cut(start, 'at least ');
  const header = parseHeader(file.subarray(8, start), corrupt);
  let metadata: Record<string, string> = {};
  const entries: [string, TensorEntry][] = [];
  for (const [key, entry] of Object.entries(header)) {
    if (isTensorEntry(entry)) entries.push([key, entry]);
    else if (key === '__metadata__') metadata = entry;
    else throw corrupt(`tensor "${key}" has no type, shape and place`);
  }
  let end = 0;
  for (const [key, { dtype, shape, data_offsets }] of entries.toSorted(byOffset)) {
    const [from, to] = data_offsets;
    const size = shape.reduce((product, side) => product * side, 1);
    const type = types[dtype];
    if (type === undefined) {
      throw corrupt(`tensor "${key}" is of type ${dtype}, expected one of ${Object.keys(types).join(', ')}`);
    }
    if (to - from !== type.bytes * size) {
      throw corrupt(`tensor "${key}" takes ${to - from} bytes, expected ${type.bytes * size}`);
    }
    if (from !== end) throw corrupt(`tensor "${key}" begins at byte ${from} of the numbers, expected ${end}`);
    end = to;
  }
  if (file.length < start + end) throw cut(start + end);
  if (file.length > start + end) {
    throw corrupt(`it has bytes that belong to no tensor: expected ${start + end} bytes, got ${file.length}`);
  }
  verifyChecksum(file, start, metadata[checksumKey], corrupt);
  const tensors = Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      { shape: entry.shape, data: numbersOf(file.subarray(start), entry) },
    ]),
  );
  return { metadata, tensors };
}

/**
 * The metadata alone, without reading the tensors; the checksum is not verified.
 * @throws ModelError `checkpoint-corrupt`; errors of the system as they are
 */
export async function readSafetensorsMetadata(path: string): Promise<TensorFile['metadata']> {
  const corrupt = corruption(path);
  const handle = await open(path);
  try {
    const read = async (position: number, length: number) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
      if (bytesRead < length) throw corrupt(incomplete(position + length, position + bytesRead, 'at least '));
      return buffer;
    };
    const length = headerEnd(await read(0, 8), corrupt) - 8;
    const metadata = parseHeader(await read(8, length), corrupt)['__metadata__'];
    return metadata === undefined || isTensorEntry(metadata) ? {} : metadata;
  } finally {
    await handle.close();
  }
}

const defaultRemedy = 'if it was a checkpoint, use an earlier one';

type Corrupt = (message: string, cause?: unknown) => ModelError;

function corruption(name: string, remedy = defaultRemedy): Corrupt {
  return (message, cause) =>
    new ModelError(
      'checkpoint-corrupt',
      `${name}: ${message}; ${remedy}`,
      cause === undefined ? {} : { cause },
    );
}

const incomplete = (expected: number, got: number, least: string) =>
  `the file is incomplete: expected ${least}${expected} bytes, got ${got}`;

/** Where the tensors begin. */
function headerEnd(file: Buffer, corrupt: Corrupt): number {
  const length = Number(file.readBigUInt64LE());
  if (length > 100_000_000) {
    throw corrupt('not a safetensors file: it begins with an impossible header length');
  }
  return 8 + length;
}

function parseHeader(json: Buffer, corrupt: Corrupt): z.output<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(json.toString('utf8')));
  } catch (error) {
    throw corrupt('the header is damaged or not that of a safetensors file', error);
  }
}

type TensorEntry = { dtype: string; shape: number[]; data_offsets: [number, number] };

function byOffset([, a]: [string, TensorEntry], [, b]: [string, TensorEntry]): number {
  return a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1];
}

function numbersOf(body: Buffer, { dtype, data_offsets: [from, to] }: TensorEntry): Float32Array {
  if (dtype === 'F32' && endianness() === 'LE') {
    return new Float32Array(new Uint8Array(body.subarray(from, to)).buffer);
  }
  const { bytes, read } = types[dtype]!;
  const view = new DataView(body.buffer, body.byteOffset + from, to - from);
  return Float32Array.from({ length: (to - from) / bytes }, (_, i) => read(view, i * bytes));
}

/** IEEE 754 half precision: 1 bit sign, 5 exponent, 10 fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function bfloatToNumber(bits: number): number {
  word.setUint32(0, bits * 2 ** 16);
  return word.getFloat32(0);
}

function isTensorEntry(entry: TensorEntry | Record<string, string>): entry is TensorEntry {
  return Array.isArray(entry['shape']);
}

function verifyChecksum(
  file: Buffer,
  start: number,
  checksum: string | undefined,
  corrupt: (message: string) => ModelError,
): void {
  if (checksum === undefined) return;
  const place = file.subarray(0, start).indexOf(`"${checksum}"`) + 1;
  const actual = createHash('sha256')
    .update(file.subarray(0, place))
    .update(noChecksum)
    .update(file.subarray(place + checksum.length))
    .digest('hex');
  if (actual !== checksum) {
    throw corrupt(`the contents changed since the file was written (SHA-256 ${actual})`);
  }
}
