/** Writes ONNX files (onnx.proto, the few fields that small graphs need), so that tests have models of their own. */
import { encodeBytes, encodeVarint, WireType } from '@pggan/files';

export const FLOAT = 1;
export const INT64 = 7;

type Shape = readonly (number | string)[];

export interface Value {
  readonly name: string;
  readonly shape: Shape; // names are free sides
  readonly type?: number; // default FLOAT
}

export interface Weights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly type?: number; // default FLOAT
}

export interface Operator {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>; // integers or text
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly weights?: readonly Weights[];
  readonly operators: readonly Operator[];
}

const integer = (field: number, value: number) =>
  Buffer.concat([encodeVarint(field * 8 + WireType.varint), encodeVarint(value)]);
const text = (field: number, value: string) => encodeBytes(field, Buffer.from(value));
const message = (field: number, ...parts: readonly Buffer[]) => encodeBytes(field, Buffer.concat(parts));

function value(field: number, { name, shape, type = FLOAT }: Value): Buffer {
  const sides = shape.map((side) => message(1, typeof side === 'number' ? integer(1, side) : text(2, side)));
  return message(field, text(1, name), message(2, message(1, integer(1, type), message(2, ...sides))));
}

function weights({ name, shape, data, type = FLOAT }: Weights): Buffer {
  const array = type === FLOAT ? Float32Array.from(data) : BigInt64Array.from(data, BigInt);
  const dims = shape.map((side) => integer(1, side));
  return message(5, ...dims, integer(2, type), text(8, name), encodeBytes(9, Buffer.from(array.buffer)));
}

function attribute(name: string, content: number | string | readonly number[]): Buffer {
  const [type, value] =
    typeof content === 'number'
      ? [2, integer(3, content)]
      : typeof content === 'string'
        ? [3, text(4, content)]
        : [7, Buffer.concat(content.map((item) => integer(8, item)))];
  return message(5, text(1, name), value, integer(20, type));
}

function operator({ op, inputs, outputs, attributes = {} }: Operator): Buffer {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, content]) => attribute(name, content)),
  );
}

/** Bytes of a model for opset 17. */
export function writeOnnx(graph: Graph): Buffer {
  return Buffer.concat([
    integer(1, 8),
    message(
      7,
      ...graph.operators.map(operator),
      text(2, 'graph'),
      ...(graph.weights ?? []).map(weights),
      ...graph.inputs.map((input) => value(11, input)),
      ...graph.outputs.map((output) => value(12, output)),
    ),
    message(8, integer(2, 17)),
  ]);
}
