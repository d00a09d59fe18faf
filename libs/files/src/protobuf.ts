/**
 * The protobuf wire format, as far as `tf.train.Example` and ONNX need it. Reading never allocates more
 * than it is given: nested messages are views, and every length is checked against what is left.
 */

/** Thrown while parsing; callers turn it into an error that names the file and the record. */
export class WireError extends Error {}

export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export interface WireField {
  readonly number: number;
  readonly type: number;
  readonly varint: number; // value of a varint field, 0 otherwise
  readonly bytes: Buffer; // content of a bytes field, empty otherwise
}

const nothing = Buffer.alloc(0);

/** Unsigned, at most 2^53−1; longer encodings (negative numbers) are refused. */
export function readVarint(buffer: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; at < buffer.length && at < start + 8; at++) {
    const byte = buffer[at]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (value > Number.MAX_SAFE_INTEGER) break;
      return { value, end: at + 1 };
    }
    scale *= 128;
  }
  throw new WireError(start >= buffer.length ? 'ends inside a number' : 'holds a number out of range');
}

/** The fields of one message, in the order in which they are stored. */
export function* readFields(message: Buffer): Generator<WireField> {
  let at = 0;
  while (at < message.length) {
    const key = readVarint(message, at);
    const number = Math.floor(key.value / 8);
    const type = key.value % 8;
    at = key.end;
    if (number === 0) throw new WireError('holds a field numbered 0');
    if (type === WireType.varint) {
      const { value, end } = readVarint(message, at);
      at = end;
      yield { number, type, varint: value, bytes: nothing };
    } else {
      let length = type === WireType.fixed64 ? 8 : 4;
      if (type === WireType.bytes) ({ value: length, end: at } = readVarint(message, at));
      else if (type !== WireType.fixed64 && type !== WireType.fixed32)
        throw new WireError(`holds a field of unknown wire type ${type}`);
      if (length > message.length - at)
        throw new WireError(`holds a field of ${length} bytes where ${message.length - at} are left`);
      const bytes = type === WireType.bytes ? message.subarray(at, at + length) : nothing;
      at += length;
      yield { number, type, varint: 0, bytes };
    }
  }
}

export function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Key and length of a bytes field whose content of `length` bytes follows. */
export function encodeBytesHeader(number: number, length: number): Buffer {
  return Buffer.concat([encodeVarint(number * 8 + WireType.bytes), encodeVarint(length)]);
}

export function encodeBytes(number: number, content: Buffer): Buffer {
  return Buffer.concat([encodeBytesHeader(number, content.length), content]);
}
