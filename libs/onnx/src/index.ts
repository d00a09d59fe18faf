export { type MakeFault, type OnnxFaultCode } from './fault.js';
export { OnnxModel, readModel, shown, type ModelFile, type Port, type Shape } from './model.js';
export { firstLine, loadOnnxRuntime, onnxRuntimeVersion, type OnnxRuntime } from './runtime.js';
