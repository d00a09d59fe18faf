export { DatasetError, type DatasetErrorCode } from './errors.js';
export {
  alignFace,
  type AlignedFace,
  type AlignOptions,
  type AlignStage,
  type AlignStages,
} from './faces/align.js';
export { CELEBA_FROM_MEDIAPIPE, LandmarkDetector, type DetectorOptions } from './faces/detector.js';
export { FACE_MODEL, resolveFaceModel, type FaceModelOptions } from './faces/model-file.js';
export { rgbImage, type RgbImage } from './faces/image.js';
export { centerSquare, resizeLanczos } from './faces/lanczos.js';
export { eyeDistance, LANDMARK, LANDMARK_COLUMNS, type FaceLandmarks } from './faces/landmarks.js';
export { computeQuad, type OrientedQuad, type Quad } from './faces/quad.js';
export { exampleFrame, decodeExample, type ImageExample, type ImageShape } from './records/example.js';
export { TFRecordExporter, type ExporterOptions } from './records/exporter.js';
export { TFRecordDataset, type OpenOptions } from './records/dataset.js';
export { indexSchema, readIndex, type DatasetIndex } from './records/index-file.js';
export { imageLevels } from './records/levels.js';
export { decodeNpy, encodeNpy, type NpyArray } from './records/npy.js';
export { officialOrderSeed, shuffledOrder } from './records/order.js';
export { DatasetReader, type Batch, type Labels, type ReaderOptions } from './records/reader.js';
export { buildDataset, type BuildContext, type BuildProgress, type BuildSummary } from './pipeline/build.js';
export { buildOptionsSchema, type BuildOptions, type BuildRequest } from './pipeline/options.js';
export { conversions, dropReasons, type Conversion, type DropReason } from './pipeline/reasons.js';
export { manifestName, type ManifestLine } from './pipeline/manifest.js';
export { contactSheet } from './pipeline/sheet.js';
