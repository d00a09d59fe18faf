export { DatasetError, type DatasetErrorCode } from './errors.js';
export * from './faces/index.js';
export * from './enhance/index.js';
export { readSidecarLandmarks, type FaceLookup } from './landmarks/sidecar.js';
export { exampleFrame, decodeExample, type ImageExample, type ImageShape } from './records/example.js';
export { expectationOf } from '@pggan/files';
export { datasetNameSchema } from './records/dataset-name.js';
export { TFRecordExporter, type ExporterOptions } from './records/exporter.js';
export { TFRecordDataset, type OpenOptions } from './records/dataset.js';
export {
  formatSize,
  levelOf,
  levelSizes,
  nearestSize,
  parseSize,
  type ImageSize,
} from './records/image-size.js';
export { sizeExpectation } from './records/image-size-schema.js';
export { indexedFiles, indexSchema, readIndex, type DatasetIndex } from './records/index-file.js';
export { imageLevels } from './records/levels.js';
export { decodeNpy, encodeNpy, type NpyArray } from './records/npy.js';
export { officialOrderSeed, shuffledOrder } from './records/order.js';
export { DatasetReader, type Batch, type Labels, type ReaderOptions } from './records/reader.js';
export type { ReplacedDataset } from './records/same-origin.js';
export { buildDataset, type BuildContext, type BuildProgress, type BuildSummary } from './pipeline/build.js';
export {
  buildOptionsSchema,
  planBuild,
  type BuildOptions,
  type BuildPlan,
  type BuildRequest,
  type PrepareOptions,
} from './pipeline/options.js';
export type { SidecarMatch } from './pipeline/sidecar-match.js';
export { withoutEffect } from './pipeline/applicable.js';
export {
  conversions,
  dropReasons,
  marks,
  type Conversion,
  type DropReason,
  type Mark,
} from './pipeline/reasons.js';
export { manifestName, type ManifestLine, type ManifestScores } from './pipeline/manifest.js';
export { scoreInfos, scoreNames, type ScoreInfo, type ScoreName } from './pipeline/score-names.js';
export { contactSheet } from './pipeline/sheet.js';
export { remakeImages, type RemakeOptions } from './pipeline/remake.js';
export { chooseSource, sourceKinds } from './sources/registry.js';
export {
  SourcePictureError,
  type Source,
  type SourceKind,
  type SourceLabels,
  type SourcePicture,
  type SourceRequest,
} from './sources/source.js';
export { findNearestImages, type NearImage, type NearestRequest } from './similarity/nearest-images.js';
export { hammingDistance, perceptualHash } from './similarity/perceptual-hash.js';
export { type PictureShape } from './similarity/luma.js';
export {
  defaultDistance,
  defaultLikeness,
  findNearDuplicates,
  type NearPair,
} from './similarity/near-duplicates.js';
export { inspectDataset, type Inspection, type InspectRequest } from './operations/inspect/inspect.js';
export type { OperationContext, SteppedContext } from './operations/image-stream.js';
export type { NumberSummary } from './operations/inspect/histogram.js';
export type { LabelSummary } from './operations/inspect/label-summary.js';
export type { PictureSummary } from './operations/inspect/picture-summary.js';
export type { ChannelStatistics } from './operations/inspect/pixel-statistics.js';
export {
  displayDataset,
  displayTargets,
  type Display,
  type DisplayRequest,
} from './operations/display/display.js';
export {
  reportDataset,
  reportTarget,
  type Report,
  type ReportContext,
  type ReportRequest,
  type ReportStep,
  type ScoreReport,
} from './operations/report/report.js';
export { findingCodes, type Finding, type FindingCode } from './operations/verify/findings.js';
export { verifyDataset, type VerifyOptions, type VerifyReport } from './operations/verify/verify.js';
export type { RecordedPart } from './operations/repair/salvage-index.js';
export {
  repairDataset,
  type RepairedFile,
  type RepairMethod,
  type RepairOptions,
  type RepairReport,
  type UnrepairedFile,
} from './operations/repair/repair.js';
export {
  compareDatasets,
  type ComparedDataset,
  type CompareOptions,
  type Comparison,
} from './operations/compare.js';
export {
  extractDataset,
  pictureFormats,
  type ExtractRequest,
  type ExtractSummary,
  type PictureFormat,
} from './operations/extract/extract.js';
export { splitDataset, type SplitDatasetRequest, type SplitSummary } from './operations/reshape/split.js';
export type { SimilarSummary } from './operations/reshape/similar-groups.js';
export { mergeDatasets, type MergeDatasetsRequest, type MergeSummary } from './operations/reshape/merge.js';
export {
  duplicateModes,
  type DuplicateMode,
  type NearReport,
} from './operations/reshape/merge-duplicates.js';
export { mergeLabelModes, type MergeLabelMode } from './operations/reshape/merge-labels.js';
export type { NearImages, NearLimits } from './operations/reshape/near-images.js';
