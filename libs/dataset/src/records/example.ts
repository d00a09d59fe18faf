/**
 * One image as a `tf.train.Example` with the features `shape` (int64 [C, H, W]) and `data` (uint8
 * pixels, CHW), as the official dataset tool stores it (facts 7.1).
 *
 * Example{1: Features{1: map entry{1: name, 2: Feature{1: BytesList{1: bytes} | 3: Int64List{1: int64}}}}}
 */
import {
  encodeBytes,
  encodeBytesHeader,
  encodeVarint,
  readFields,
  readVarint,
  WireError,
  WireType,
} from '@pggan/files';
import { DatasetError } from '../errors.js';

/** [channels, height, width] */
export type ImageShape = readonly [number, number, number];

export interface ImageExample {
  readonly shape: ImageShape;
  readonly data: Buffer; // a view into the record, C·H·W bytes
}

/** Bytes before and after the pixels: equal for all images of one shape. */
export interface ExampleFrame {
  readonly before: Buffer;
  readonly after: Buffer;
}

/** `data` goes first, as in the files the official tool writes; readers must not rely on it. */
export function exampleFrame(shape: ImageShape): ExampleFrame {
  const pixels = shape[0] * shape[1] * shape[2];
  const around = (number: number, inner: Buffer, payload: number) =>
    Buffer.concat([encodeBytesHeader(number, inner.length + payload), inner]);

  const bytesList = encodeBytesHeader(1, pixels);
  const feature = around(2, around(1, bytesList, pixels), pixels);
  const entry = around(1, Buffer.concat([encodeBytes(1, Buffer.from('data')), feature]), pixels);

  const int64List = encodeBytes(3, encodeBytes(1, Buffer.concat(shape.map(encodeVarint))));
  const shapeEntry = encodeBytes(
    1,
    Buffer.concat([encodeBytes(1, Buffer.from('shape')), encodeBytes(2, int64List)]),
  );
  return { before: around(1, entry, pixels + shapeEntry.length), after: shapeEntry };
}

function shapeOf(feature: Buffer): ImageShape {
  const shape: number[] = [];
  for (const list of readFields(feature)) {
    if (list.number !== 3) continue;
    for (const item of readFields(list.bytes)) {
      if (item.number !== 1) continue;
      if (item.type === WireType.varint) shape.push(item.varint);
      for (let at = 0; at < item.bytes.length && shape.length <= 3;) {
        const { value, end } = readVarint(item.bytes, at);
        shape.push(value);
        at = end;
      }
      if (shape.length > 3) break;
    }
  }
  if (shape.length !== 3) throw new WireError(`holds a shape of ${shape.length} numbers instead of 3`);
  return shape as unknown as ImageShape;
}

function dataOf(feature: Buffer): Buffer {
  for (const list of readFields(feature)) {
    if (list.number !== 1) continue;
    for (const item of readFields(list.bytes)) {
      if (item.number === 1 && item.type === WireType.bytes) return item.bytes;
    }
  }
  throw new WireError('holds a feature "data" without bytes');
}

function parse(payload: Buffer): ImageExample {
  let shape: ImageShape | undefined;
  let data: Buffer | undefined;
  for (const features of readFields(payload)) {
    if (features.number !== 1) continue;
    for (const entry of readFields(features.bytes)) {
      if (entry.number !== 1) continue;
      let name = '';
      let feature: Buffer | undefined;
      for (const part of readFields(entry.bytes)) {
        if (part.number === 1) name = part.bytes.toString('latin1', 0, 16);
        if (part.number === 2) feature = part.bytes;
      }
      if (feature && name === 'shape') shape = shapeOf(feature);
      if (feature && name === 'data') data = dataOf(feature);
    }
  }
  if (!shape || !data) throw new WireError(`lacks the feature "${shape ? 'data' : 'shape'}"`);
  const pixels = shape[0] * shape[1] * shape[2];
  if (data.length !== pixels)
    throw new WireError(`holds ${data.length} pixel bytes where its shape [${shape}] needs ${pixels}`);
  return { shape, data };
}

/**
 * Features may come in any order, unknown ones are skipped. `where` names the record in errors.
 * @throws DatasetError `record-invalid`
 */
export function decodeExample(payload: Buffer, where: () => string): ImageExample {
  try {
    return parse(payload);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new DatasetError(
      'record-invalid',
      `${where()} ${error.message}; expected a tf.train.Example with the features shape and data`,
    );
  }
}
