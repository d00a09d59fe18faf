/**
 * How far around a pixel a convolutional model looks, read from its graph. An upper bound: convolutions are taken as if
 * all came one after the other, at the coarsest resolution that any before them made.
 */
import { readFields, readVarint, WireError, WireType } from '@pggan/files';

/** Field numbers of onnx.proto. */
const model = { graph: 7 };
const graph = { node: 1 };
const node = { operator: 4, attribute: 5, domain: 7 };
const attribute = { name: 1, integer: 3, integers: 8 };

/** Operators that look at one place only, or move places as a whole. */
const local = new Set(
  (
    'Abs Add BatchNormalization Cast Ceil Clip Concat Constant ConstantOfShape DepthToSpace Div Dropout Elu Equal Erf Exp ' +
    'Expand Floor Gather Gelu HardSigmoid HardSwish Identity LeakyRelu Log Max Min Mish Mul Neg PRelu Pow Range Reciprocal ' +
    'Relu Reshape Round Selu Shape Sigmoid Slice Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ' +
    'ThresholdedRelu Transpose Unsqueeze Where'
  ).split(' '),
);
const windowed = new Set(['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool']);
/** Cubic, the widest: two pixels. */
const resizing = new Set(['Resize', 'Upsample']);

type Attributes = ReadonlyMap<string, readonly number[]>;

function attributesOf(fields: readonly Buffer[]): Attributes {
  const attributes = new Map<string, number[]>();
  for (const bytes of fields) {
    let name = '';
    const values: number[] = [];
    for (const field of readFields(bytes)) {
      if (field.number === attribute.name) name = field.bytes.toString('utf8');
      else if (field.number !== attribute.integer && field.number !== attribute.integers) continue;
      else if (field.type === WireType.varint) values.push(field.varint);
      else
        for (let at = 0; at < field.bytes.length;) {
          const { value, end } = readVarint(field.bytes, at);
          values.push(value);
          at = end;
        }
    }
    attributes.set(name, values);
  }
  return attributes;
}

function* nodesOf(bytes: Buffer): Generator<{ operator: string; own: boolean; attributes: Buffer[] }> {
  for (const part of readFields(bytes)) {
    if (part.number !== model.graph) continue;
    for (const { number, bytes: message } of readFields(part.bytes)) {
      if (number !== graph.node) continue;
      let operator = '';
      let own = true;
      const attributes: Buffer[] = [];
      for (const field of readFields(message)) {
        if (field.number === node.operator) operator = field.bytes.toString('utf8');
        else if (field.number === node.domain) own = ['', 'ai.onnx'].includes(field.bytes.toString('utf8'));
        else if (field.number === node.attribute) attributes.push(field.bytes);
      }
      yield { operator, own, attributes };
    }
  }
}

/**
 * Pixels of the input on each side of a place that may change the output there; null when the model has operators that
 * look everywhere, or that are not known here.
 */
export function reachOf(bytes: Buffer): number | null {
  try {
    let [reach, scale] = [0, 1];
    for (const { operator, own, attributes } of nodesOf(bytes)) {
      if (own && local.has(operator)) continue;
      if (own && resizing.has(operator)) {
        reach += 2 * scale;
        continue;
      }
      if (!own || !windowed.has(operator)) return null;
      const values = attributesOf(attributes);
      const kernel = values.get('kernel_shape');
      if (!kernel) return null;
      const dilations = values.get('dilations') ?? [];
      const half = Math.max(...kernel.map((side, i) => ((side - 1) * (dilations[i] ?? 1)) / 2));
      reach += Math.ceil(half) * scale;
      if (operator !== 'ConvTranspose') scale *= Math.max(1, ...(values.get('strides') ?? []));
    }
    return reach;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
