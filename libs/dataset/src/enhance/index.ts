export { enhancerDescriptionSchema, type EnhancerDescription } from './description.js';
export { lanczosEnhancer, type EnhanceOptions, type Enhancer } from './enhancer.js';
export { OnnxEnhancer, onnxEnhancerHash } from './onnx-enhancer.js';
