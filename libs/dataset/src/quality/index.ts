export { blockiness } from './blockiness.js';
export { nearestDistances } from './duplicates.js';
export { exposure, type Exposure } from './exposure.js';
export { faceQuality, overallQuality, type FaceQuality, type PortraitSource } from './face-quality.js';
export { jpegQuality } from './jpeg-quality.js';
export { lumaPlane, type LumaPlane, type PixelBox } from './luma.js';
export { noiseLevel } from './noise.js';
export { faceInQuad, faceOf, type InFace } from './portrait-area.js';
export { fivePointPose, meshPose, type Pose } from './pose.js';
export {
  selectionSchema,
  selectTop,
  type Candidate,
  type Choice,
  type RefusalReason,
  type Selection,
  type SelectionRequest,
} from './select-top.js';
export { spectrumScore, type SpectrumScore } from './spectrum.js';
