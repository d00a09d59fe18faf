/** NumPy `.npy` arrays. */

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array; // C order; other numeric types are converted
}

/** Bytes that are no NumPy array, or not one of numbers; the message names the file. */
export class NpyError extends Error {
  override readonly name = 'NpyError';
}

const magic = Buffer.from('\x93NUMPY', 'latin1');

const readers: Record<string, { bytes: number; read(view: DataView, at: number): number }> = {
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
  '|b1': { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** Byte-identical to `numpy.save` of a C-ordered float32 array in current NumPy (128-byte header). */
export function encodeNpy(data: Float32Array, shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`;
  // NumPy leaves room for the first axis to grow to 21 digits in place.
  const grown = dictionary + ' '.repeat(Math.max(0, 21 - String(shape[0] ?? 0).length));
  const total = Math.ceil((magic.length + 4 + grown.length + 1) / 64) * 64;
  const header = Buffer.alloc(total, ' ');
  magic.copy(header);
  header.set([1, 0], magic.length);
  header.writeUInt16LE(total - magic.length - 4, magic.length + 2);
  header.write(grown, magic.length + 4, 'latin1');
  header[total - 1] = 0x0a;
  const body = Buffer.alloc(data.length * 4);
  data.forEach((value, i) => body.writeFloatLE(value, i * 4));
  return Buffer.concat([header, body]);
}

/**
 * Header lengths of old (80 bytes) and new (128) NumPy alike: the length is read from the file.
 * `file` names it in errors.
 * @throws NpyError
 */
export function decodeNpy(bytes: Buffer, file: string): NpyArray {
  const invalid = (what: string) => new NpyError(`${file}: ${what}; expected a NumPy .npy array of numbers`);
  if (bytes.length < 12 || !bytes.subarray(0, magic.length).equals(magic))
    throw invalid('does not start with the NumPy signature');
  const major = bytes[magic.length]!;
  if (major < 1 || major > 3) throw invalid(`has format version ${major}, known are 1 to 3`);
  const prefix = major === 1 ? 10 : 12;
  const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (prefix + length > bytes.length) throw invalid(`ends inside its header of ${length} bytes`);

  const header = bytes.toString('latin1', prefix, prefix + Math.min(length, 4096));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1] ?? 'none';
  const tuple = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (tuple === undefined) throw invalid('has no shape in its header');
  if (/'fortran_order'\s*:\s*True/.test(header)) throw invalid('is stored in Fortran order');
  const reader = readers[descr];
  if (!reader) throw invalid(`holds elements of type ${descr}, known are ${Object.keys(readers).join(' ')}`);
  const shape = tuple
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const got = bytes.length - prefix - length;
  if (count * reader.bytes !== got)
    throw invalid(`has ${got} bytes of data where shape (${shape}) needs ${count * reader.bytes}`);

  const view = new DataView(bytes.buffer, bytes.byteOffset + prefix + length, got);
  return { shape, data: Float32Array.from({ length: count }, (_, i) => reader.read(view, i * reader.bytes)) };
}
