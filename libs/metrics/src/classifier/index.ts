export { evaluateClassifier, type ClassifierAccuracy } from './evaluate.js';
export { holdOut } from './hold-out.js';
export { type LabelledImages } from './labelled-images.js';
export { type ClassifierShape, type ClassifierWeights } from './network.js';
export { encodeClassifier } from './onnx.js';
export { type ClassifierOptions, type ClassifierProgress, type ClassifierSettings } from './options.js';
export { hashLabelled, saveClassifier, type ClassifierOrigin, type SavedClassifier } from './save.js';
export { trainClassifier, type Classifier } from './train.js';
