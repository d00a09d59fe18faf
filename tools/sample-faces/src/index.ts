export {
  attributeList,
  ATTRIBUTES,
  fileName,
  LANDMARK_NAMES,
  landmarkList,
  truthTable,
} from './annotations.js';
export { SampleError, type SampleErrorCode } from './errors.js';
export { generateSample, type GenerateOptions, type SampleSummary } from './generate.js';
export { DEFECT_SHARES, landmarkPixels, planPicture, type Defect, type PicturePlan } from './plan.js';
export { renderPicture } from './render.js';
