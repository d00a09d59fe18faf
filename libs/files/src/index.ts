export { cacheFolder } from './cache-folder.js';
export { makeFolder } from './make-folder.js';
export { systemReason } from './system-reason.js';
export { PlainFileError, readPlainFile } from './read-plain.js';
export { explainIssues, expectationOf, shown } from './expectation.js';
export { nearestName } from './nearest-name.js';
export { writeAtomic } from './write-atomic.js';
export { decodeNpy, encodeNpy, NpyError, type NpyArray } from './npy.js';
export {
  encodeBytes,
  encodeBytesHeader,
  encodeVarint,
  readFields,
  readVarint,
  WireError,
  WireType,
  type WireField,
} from './protobuf.js';
export {
  encodeOnnx,
  onnxTypes,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxOperator,
  type OnnxValue,
  type OnnxWeights,
} from './onnx.js';
