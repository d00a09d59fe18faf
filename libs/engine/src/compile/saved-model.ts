/**
 * A recorded graph as the bytes of a `saved_model.pb`: one MetaGraph tagged `serve`, no variables.
 * The protobuf classes are those tfjs-node ships.
 */
import { createRequire } from 'node:module';
import { EngineError } from '../errors.js';
import type { Binding, OpAttribute } from './node-backend.js';
import type { Edge, RecordedGraph } from './recorder.js';

/** Any of the generated message classes; they are plain JavaScript without types. */
interface Message {
  serializeBinary(): Uint8Array;
  getAttrMap(): Map<string, Message>;
  [setter: `set${string}` | `add${string}`]: (value: unknown) => unknown;
}

interface MessageClass {
  new (): Message;
  readonly Dim: MessageClass;
  readonly ListValue: MessageClass;
  readonly MetaInfoDef: MessageClass;
}

type Messages = Record<
  | 'AttrValue'
  | 'GraphDef'
  | 'MetaGraphDef'
  | 'NodeDef'
  | 'SavedModel'
  | 'Tensor'
  | 'TensorShape'
  | 'VersionDef',
  MessageClass
>;

const require = createRequire(import.meta.url);

// The graph format of the TensorFlow release the engine provisions; newer ones read it too.
const GRAPH_VERSION = 1882;

export const inputName = (i: number): string => `input${i}`;
export const outputName = (i: number): string => `output${i}`;

export function serializeGraph({ nodes, outputs }: RecordedGraph, binding: Binding): Uint8Array {
  const messages = require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Messages;
  const { define, shapeOf, constantOf, attributeOf } = builders(messages, binding);
  const name = (place: number): string =>
    nodes[place]?.kind === 'placeholder' ? inputName(place) : `node${place}`;
  const reference = ({ node, output }: Edge): string =>
    output === 0 ? name(node) : `${name(node)}:${output}`;

  const definitions = nodes.map((node, place) => {
    switch (node.kind) {
      case 'placeholder':
        return define(name(place), 'Placeholder', [], {
          dtype: { Type: node.dtype },
          shape: { Shape: shapeOf(node.shape) },
        });
      case 'constant':
        return define(name(place), 'Const', [], {
          dtype: { Type: node.dtype },
          value: { Tensor: constantOf(node.shape, node.dtype, node.values) },
        });
      case 'op': {
        const attrs = node.attrs.map((attr) => [attr.name, attributeOf(attr)] as const);
        return define(name(place), node.op, node.inputs.map(reference), Object.fromEntries(attrs));
      }
    }
  });
  const identities = outputs.map((edge, i) =>
    define(outputName(i), 'Identity', [reference(edge)], { T: { Type: edge.dtype } }),
  );

  const graph = message(messages.GraphDef, {
    NodeList: [...definitions, ...identities],
    Versions: message(messages.VersionDef, { Producer: GRAPH_VERSION }),
  });
  const info = message(messages.MetaGraphDef.MetaInfoDef, { TagsList: ['serve'] });
  const meta = message(messages.MetaGraphDef, { MetaInfoDef: info, GraphDef: graph });
  return message(messages.SavedModel, {
    SavedModelSchemaVersion: 1,
    MetaGraphsList: [meta],
  }).serializeBinary();
}

/** The message for one field, by setter name without `set`. */
type Fields = Readonly<Record<string, unknown>>;

function builders(messages: Messages, binding: Binding) {
  const shapeOf = (shape: readonly number[]): Message =>
    message(messages.TensorShape, {
      DimList: shape.map((size) => message(messages.TensorShape.Dim, { Size: size })),
    });

  /** Fills are many and large (ones and zeros in gradients), so they are stored as one value. */
  const constantOf = (shape: readonly number[], dtype: number, values: unknown): Message => {
    const array = asTyped(values, dtype, binding);
    const tensor = message(messages.Tensor, { Dtype: dtype, TensorShape: shapeOf(shape) });
    const [first] = array;
    if (array.length > 1 && array.every((value) => Object.is(value, first))) {
      const field = { [binding.TF_FLOAT]: 'FloatVal', [binding.TF_INT32]: 'IntVal' }[dtype] ?? 'BoolVal';
      tensor[`set${field}List`]?.([first]);
    } else {
      tensor.setTensorContent?.(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
    return tensor;
  };

  const attributeOf = ({ name, type, value }: OpAttribute): Fields => {
    const fields: Record<number, readonly [single: string, list: string]> = {
      [binding.TF_ATTR_INT]: ['I', 'IList'],
      [binding.TF_ATTR_FLOAT]: ['F', 'FList'],
      [binding.TF_ATTR_BOOL]: ['B', 'BList'],
      [binding.TF_ATTR_TYPE]: ['Type', 'TypeList'],
    };
    if (type === binding.TF_ATTR_STRING) return { S: Buffer.from(value as string) };
    if (type === binding.TF_ATTR_SHAPE) return { Shape: shapeOf(value as number[]) };
    const field = fields[type];
    if (!field)
      throw new EngineError('trace-impure', `Attribute '${name}' has type ${type}, which no graph can hold.`);
    if (!Array.isArray(value)) return { [field[0]]: value };
    return { List: message(messages.AttrValue.ListValue, { [field[1]]: value }) };
  };

  const define = (
    name: string,
    op: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, Fields>>,
  ): Message => {
    const node = message(messages.NodeDef, { Name: name, Op: op, InputList: inputs });
    for (const [key, fields] of Object.entries(attrs)) {
      node.getAttrMap().set(key, message(messages.AttrValue, fields));
    }
    return node;
  };
  return { define, shapeOf, constantOf, attributeOf };
}

function message(Class: MessageClass, fields: Fields): Message {
  const made = new Class();
  for (const [name, value] of Object.entries(fields)) made[`set${name}`]?.(value);
  return made;
}

type Typed = Float32Array | Int32Array | Uint8Array;

function asTyped(values: unknown, dtype: number, binding: Binding): Typed {
  if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array)
    return values;
  const list = values as ArrayLike<number>;
  if (dtype === binding.TF_FLOAT) return Float32Array.from(list);
  return dtype === binding.TF_INT32 ? Int32Array.from(list) : Uint8Array.from(list);
}
