export { MetricsError, type MetricsErrorCode } from './errors.js';
export { type ImageBatch, type ImageShape, type ImageSource } from './images/batch.js';
export { imageFolder, officialMinibatch, type FolderOptions, type ImageFolder } from './images/folder.js';
export { type MetricsProgress, type WorkOptions } from './work/pool.js';
export { laplacianPyramid } from './swd/pyramid.js';
export { levelSizes, levelName, type LevelSize } from './swd/level-sizes.js';
export {
  describeImages,
  normalisedDescriptors,
  type DescriptorOptions,
  type Descriptors,
  type LevelDescriptors,
} from './swd/descriptors.js';
export { type CacheKey } from './cache/cached.js';
export { contentHash } from './cache/content-hash.js';
export { cachedDescriptors } from './swd/cache.js';
export {
  slicedWasserstein,
  type DistanceOptions,
  type LevelDistance,
  type SlicedWasserstein,
} from './swd/sliced-wasserstein.js';
export { msSsim, pairScores, type MsSsim, type MsSsimOptions } from './ssim/ms-ssim.js';
export { type Features } from './features/features.js';
export { FeatureAccumulator, featureStatistics, type FeatureStatistics } from './features/statistics.js';
export { cachedStatistics } from './features/cache.js';
export { frechetDistance, frechetDistanceAsync } from './features/frechet.js';
export {
  kernelDistance,
  type KernelDistance,
  type KernelDistanceOptions,
} from './features/kernel-distance.js';
export { inceptionScore, type InceptionScore } from './features/inception-score.js';
export {
  precisionRecall,
  type PrecisionRecall,
  type PrecisionRecallOptions,
} from './features/precision-recall.js';
export { mostProbableClasses } from './modes/classes.js';
export { ModeCounter, type ModeCount, type ModeKind } from './modes/mode-counter.js';
export { countModes, type GrayClassifier, type ModeCoverage, type ModeOptions } from './modes/count-modes.js';
export {
  openExtractor,
  type Extracted,
  type Extractor,
  type ExtractorOptions,
} from './extractor/extractor.js';
export {
  extractFeatures,
  type ExtractedSet,
  type ExtractFeaturesOptions,
} from './extractor/extract-features.js';
export {
  metricKinds,
  metricName,
  parseMetric,
  type Metric,
  type MetricKind,
  type MetricRequest,
} from './evaluation/metric-name.js';
export {
  colourSet,
  datasetSet,
  folderSet,
  mirroredSet,
  type ImageSet,
  type RecordedImages,
} from './evaluation/image-set.js';
export { Evaluator, type EvaluatorOptions } from './evaluation/evaluator.js';
export { type EvaluationProgress } from './evaluation/pass-progress.js';
export {
  requireComparable,
  type Difference,
  type MetricRecord,
  type Provenance,
  type Subject,
} from './evaluation/record.js';
export { appendRecords, readRecords } from './evaluation/record-file.js';
export { evaluationStream } from './evaluation/streams.js';
export { formatOfficialTable, type TableRow } from './evaluation/table.js';
