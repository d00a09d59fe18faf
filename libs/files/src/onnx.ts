/** Writes ONNX files: onnx.proto, as far as graphs of float32 need it. */
import { encodeBytes, encodeVarint, WireType } from './protobuf.js';

/** Types of elements, by their numbers in onnx.proto. */
export const onnxTypes = { float: 1, int64: 7 } as const;

type ElementType = keyof typeof onnxTypes;

/** An input or output. */
export interface OnnxValue {
  readonly name: string;
  /** Names are free sides. */
  readonly shape: readonly (number | string)[];
  /** Default float. */
  readonly type?: ElementType;
}

/** Numbers that belong to the graph. */
export interface OnnxWeights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** Default float. */
  readonly type?: ElementType;
}

/** A number in an attribute that is no integer, whatever its value. */
export interface OnnxFloat {
  readonly float: number;
}

export type OnnxAttribute = number | string | readonly number[] | OnnxFloat;

export interface OnnxOperator {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly weights?: readonly OnnxWeights[];
  readonly operators: readonly OnnxOperator[];
  /** Free text by key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const integer = (field: number, value: number) =>
  Buffer.concat([encodeVarint(field * 8 + WireType.varint), encodeVarint(value)]);
const text = (field: number, value: string) => encodeBytes(field, Buffer.from(value));
const message = (field: number, ...parts: readonly Buffer[]) => encodeBytes(field, Buffer.concat(parts));

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([encodeVarint(field * 8 + WireType.fixed32), bytes]);
}

function value(field: number, { name, shape, type = 'float' }: OnnxValue): Buffer {
  const sides = shape.map((side) => message(1, typeof side === 'number' ? integer(1, side) : text(2, side)));
  const tensor = message(1, integer(1, onnxTypes[type]), message(2, ...sides));
  return message(field, text(1, name), message(2, tensor));
}

function weights({ name, shape, data, type = 'float' }: OnnxWeights): Buffer {
  const size = type === 'float' ? 4 : 8;
  const bytes = Buffer.alloc(size * data.length);
  for (let i = 0; i < data.length; i++) {
    if (type === 'float') bytes.writeFloatLE(data[i]!, i * size);
    else bytes.writeBigInt64LE(BigInt(data[i]!), i * size);
  }
  const dims = shape.map((side) => integer(1, side));
  return message(5, ...dims, integer(2, onnxTypes[type]), text(8, name), encodeBytes(9, bytes));
}

function attribute(name: string, content: OnnxAttribute): Buffer {
  const part = (type: number, ...parts: readonly Buffer[]) =>
    message(5, text(1, name), ...parts, integer(20, type));
  if (typeof content === 'number') return part(2, integer(3, content));
  if (typeof content === 'string') return part(3, text(4, content));
  if ('float' in content) return part(1, float(2, content.float));
  return part(7, ...content.map((item) => integer(8, item)));
}

function operator({ op, inputs, outputs, attributes = {} }: OnnxOperator): Buffer {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, content]) => attribute(name, content)),
  );
}

/** Bytes of a model for opset 17; integers must not be negative but among int64 weights. */
export function encodeOnnx(graph: OnnxGraph): Buffer {
  const entry = ([key, content]: [string, string]) => message(14, text(1, key), text(2, content));
  return Buffer.concat([
    integer(1, 8),
    text(2, 'pggan'),
    message(
      7,
      ...graph.operators.map(operator),
      text(2, 'graph'),
      ...(graph.weights ?? []).map(weights),
      ...graph.inputs.map((input) => value(11, input)),
      ...graph.outputs.map((output) => value(12, output)),
    ),
    message(8, integer(2, 17)),
    ...Object.entries(graph.metadata ?? {}).map(entry),
  ]);
}
