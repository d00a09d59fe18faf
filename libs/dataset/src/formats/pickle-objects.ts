/**
 * What a Python pickle may name: a fixed list of things of NumPy and of the standard library, each read
 * as data here. Python would import and call whatever a pickle names; here nothing is imported or called.
 */

/** A number array of NumPy; `set` is what the pickle fills it with after making it. */
export class NumpyArray {
  shape: readonly number[] = [0];
  dtype: NumpyDtype | null = null;
  data: Buffer = Buffer.alloc(0); // C order; a view of the pickle where it holds bytes
}

/** An integer type of NumPy. */
export class NumpyDtype {
  bigEndian = false;

  constructor(
    readonly signed: boolean,
    readonly bytes: 1 | 2 | 4 | 8,
  ) {}
}

export type GlobalMeaning = 'reconstruct' | 'frombuffer' | 'ndarray' | 'dtype' | 'encode' | 'ordered-dict';

export class PickleGlobal {
  constructor(
    readonly name: string,
    readonly meaning: GlobalMeaning,
  ) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer // bytes, and Python 2's str
  | PickleValue[] // lists and tuples
  | PickleDict
  | NumpyArray
  | NumpyDtype
  | PickleGlobal;

/** Keys are texts and numbers; bytes are taken as Latin-1 text. */
export type PickleDict = Map<string | number, PickleValue>;

const allowed: readonly (readonly [string, GlobalMeaning])[] = [
  ['numpy.core.multiarray._reconstruct', 'reconstruct'],
  ['numpy._core.multiarray._reconstruct', 'reconstruct'], // NumPy 2
  ['numpy.core.numeric._frombuffer', 'frombuffer'], // protocol 5
  ['numpy._core.numeric._frombuffer', 'frombuffer'],
  ['numpy.ndarray', 'ndarray'],
  ['numpy.dtype', 'dtype'],
  ['_codecs.encode', 'encode'], // how Python 3 writes bytes for Python 2
  ['collections.OrderedDict', 'ordered-dict'],
];

const globals = new Map(allowed.map(([name, meaning]) => [name, new PickleGlobal(name, meaning)]));

/** undefined: not on the list. */
export function findGlobal(module: string, name: string): PickleGlobal | undefined {
  return globals.get(`${module}.${name}`);
}

/** Text of a str of either Python. Null for other values and for texts too long for a name. */
export function asText(value: PickleValue | undefined): string | null {
  if (typeof value === 'string') return value.length <= 256 ? value : null;
  return Buffer.isBuffer(value) && value.length <= 256 ? value.toString('latin1') : null;
}

/** `u1`, `<i8`, …; undefined for types that are no integers. */
export function parseDtype(text: string | null): NumpyDtype | undefined {
  const parts = /^([<>|=]?)([iu])([1248])$/.exec(text ?? '');
  if (!parts) return undefined;
  const dtype = new NumpyDtype(parts[2] === 'i', Number(parts[3]) as 1 | 2 | 4 | 8);
  dtype.bigEndian = parts[1] === '>';
  return dtype;
}

/** Integers of a list or of an array with one axis, or null when it is something else. */
export function asIntegers(value: PickleValue | undefined): number[] | null {
  if (Array.isArray(value)) return value.every((x) => Number.isSafeInteger(x)) ? (value as number[]) : null;
  if (!(value instanceof NumpyArray) || !value.dtype || value.shape.length !== 1) return null;
  const { data, dtype } = value;
  return Array.from({ length: value.shape[0]! }, (_, i) => readInteger(data, i * dtype.bytes, dtype));
}

function readInteger(data: Buffer, at: number, { bytes, signed, bigEndian }: NumpyDtype): number {
  if (bytes === 8) {
    const [read64, unsigned64] = bigEndian
      ? ([data.readBigInt64BE, data.readBigUInt64BE] as const)
      : ([data.readBigInt64LE, data.readBigUInt64LE] as const);
    return Number(signed ? read64.call(data, at) : unsigned64.call(data, at));
  }
  if (signed) return bigEndian ? data.readIntBE(at, bytes) : data.readIntLE(at, bytes);
  return bigEndian ? data.readUIntBE(at, bytes) : data.readUIntLE(at, bytes);
}
