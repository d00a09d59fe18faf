export { alignFace, alignFaceWith, type AlignedFace, type AlignOptions } from './align.js';
export { CELEBA_FROM_MEDIAPIPE, LandmarkDetector, type DetectorOptions } from './detector.js';
export {
  detectorDescriptionSchema,
  OnnxDetector,
  type DetectorDescription,
  type OnnxDetectorOptions,
} from './onnx-detector.js';
export { rgbImage, type RgbImage } from './image.js';
export { resizeLanczos } from './lanczos.js';
export { eyeDistance, LANDMARK, LANDMARK_COLUMNS, type FaceLandmarks } from './landmarks.js';
export { FACE_MODEL, resolveFaceModel, type FaceModelOptions } from './model-file.js';
export { type AlignStage, type AlignStages } from './plan.js';
export { computeQuad, type OrientedQuad, type Quad, type QuadKind } from './quad.js';
