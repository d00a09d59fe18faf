/**
 * The safetensors container, float32 only: 8 bytes length, a JSON header, then the numbers of all
 * tensors one after another, little-endian. Nothing here knows what the tensors mean.
 */
import { createHash } from 'node:crypto';
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

const headerSchema = z.record(
  z.string(),
  z.union([
    z.strictObject({
      dtype: z.literal('F32'),
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
 * expected and found bytes, the second is found by the checksum when there is one.
 * @param name what messages call the file
 * @throws ModelError `checkpoint-corrupt`
 */
export function decodeSafetensors(file: Buffer, name: string): TensorFile {
  const corrupt = (message: string, cause?: unknown) =>
    new ModelError(
      'checkpoint-corrupt',
      `${name}: ${message}; use an earlier snapshot`,
      cause === undefined ? {} : { cause },
    );
  const cut = (expected: number, least = '') =>
    corrupt(`the file is incomplete: expected ${least}${expected} bytes, got ${file.length}`);
  if (file.length < 8) throw cut(8, 'at least ');
  const headerLength = Number(file.readBigUInt64LE());
  if (headerLength > 100_000_000) {
    throw corrupt('not a safetensors file: it begins with an impossible header length');
  }
  const start = 8 + headerLength;
  if (file.length < start) throw cut(start, 'at least ');

  let header: z.output<typeof headerSchema>;
  try {
    header = headerSchema.parse(JSON.parse(file.toString('utf8', 8, start)));
  } catch (error) {
    throw corrupt('the header is damaged or not that of a float32 safetensors file', error);
  }
  let metadata: Record<string, string> = {};
  const tensors: Record<string, RawTensor> = {};
  let end = start;
  for (const [key, entry] of Object.entries(header)) {
    if (!isTensorEntry(entry)) {
      metadata = entry;
      continue;
    }
    const [from, to] = entry.data_offsets;
    end = Math.max(end, start + to);
    const size = entry.shape.reduce((product, side) => product * side, 1);
    if (to - from !== 4 * size) {
      throw corrupt(`tensor "${key}" takes ${to - from} bytes, expected ${4 * size}`);
    }
  }
  if (file.length !== end) throw cut(end);
  verifyChecksum(file, start, metadata[checksumKey], corrupt);
  for (const [key, entry] of Object.entries(header)) {
    if (!isTensorEntry(entry)) continue;
    const [from, to] = entry.data_offsets;
    const bytes = new Uint8Array(file.subarray(start + from, start + to));
    tensors[key] = { shape: entry.shape, data: new Float32Array(bytes.buffer) };
  }
  return { metadata, tensors };
}

type TensorEntry = { dtype: 'F32'; shape: number[]; data_offsets: [number, number] };

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
