export { DatasetError, type DatasetErrorCode } from './errors.js';
export {
  alignFace,
  type AlignedFace,
  type AlignOptions,
  type AlignStage,
  type AlignStages,
} from './faces/align.js';
export { rgbImage, type RgbImage } from './faces/image.js';
export { centerSquare, resizeLanczos } from './faces/lanczos.js';
export { eyeDistance, LANDMARK, LANDMARK_COLUMNS, type FaceLandmarks } from './faces/landmarks.js';
export { computeQuad, type OrientedQuad, type Quad } from './faces/quad.js';
