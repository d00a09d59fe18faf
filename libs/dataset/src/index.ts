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
export { exampleFrame, decodeExample, type ImageExample, type ImageShape } from './records/example.js';
export { TFRecordExporter, type ExporterOptions } from './records/exporter.js';
export { TFRecordDataset, type OpenOptions } from './records/dataset.js';
export { indexSchema, readIndex, type DatasetIndex } from './records/index-file.js';
export { imageLevels } from './records/levels.js';
export { decodeNpy, encodeNpy, type NpyArray } from './records/npy.js';
export { officialOrderSeed, shuffledOrder } from './records/order.js';
export { DatasetReader, type Batch, type Labels, type ReaderOptions } from './records/reader.js';
