export { ModelError, type ModelErrorCode } from './errors.js';
export {
  featureMaps,
  networkConfigSchema,
  resolutionSchema,
  type NetworkConfig,
  type NetworkConfigInput,
} from './config.js';
export {
  adamSchema,
  conditionSchema,
  lsganSchema,
  parseTrainingOptions,
  trainingOptionsSchema,
  wganSchema,
  type AdamOptions,
  type LossOptions,
  type LsganOptions,
  type TrainingOptions,
  type TrainingOptionsInput,
  type WganOptions,
} from './options.js';
export {
  listPhases,
  needsOptimizerReset,
  officialTickKimg,
  rampup,
  scheduleAt,
  scheduleSchema,
  type Schedule,
  type SchedulePhase,
  type SchedulePoint,
} from './schedule.js';
export { imageShape, networkShape, type ImageShape, type NetworkShape } from './image-shape.js';
export { type ImageReader, type LabelledImages, type LabelRows } from './reader.js';
export {
  train,
  type ImagesReport,
  type ProgressReport,
  type SnapshotReport,
  type TrainArguments,
  type TrainResult,
} from './trainer.js';
export {
  compareSettings,
  compareTrainingOptions,
  trainingResumeRules,
  type ResumeClass,
  type ResumeRules,
  type SettingDifference,
} from './resume-rules.js';
export { type TrainingEvent } from './recovery.js';
export { type DivergenceOptions, type DivergenceRule, type Health } from './divergence.js';
export { formatTick, type TickReport } from './tick.js';
export { formatTime } from './format-time.js';
export {
  createTrainingState,
  disposeTrainingState,
  spoiltTensor,
  type TrainingProgress,
  type TrainingState,
} from './training-state.js';
export {
  discriminate,
  generate,
  generateImages,
  seededLatents,
  toUint8,
  type GenerateOptions,
} from './generate.js';
export {
  assembleGrid,
  snapshotGridSize,
  toChannelsFirst,
  toChannelsLast,
  type GridSize,
  type ImageBatch,
  type ImageGrid,
} from './image-grid.js';
export {
  countParameters,
  discriminatorVariables,
  disposeWeights,
  generatorVariables,
  type VariableSpec,
  type Weights,
} from './variables.js';
export { loadCheckpoint, readCheckpointHead, saveCheckpoint, type CheckpointHead } from './checkpoint.js';
export {
  activeResolution,
  judgeSnapshots,
  mostSnapshots,
  retentionSchema,
  type JudgedSnapshot,
  type KeepReason,
  type RetentionPolicy,
  type Snapshot,
} from './retention.js';
export { loadGenerator, saveGenerator, type LoadedGenerator } from './generator-file.js';
export { generatorIdentity } from './generator-identity.js';
export { libraryVersion } from './version.js';
export { decodeSafetensors, encodeSafetensors, type RawTensor, type TensorFile } from './safetensors.js';
export { convertDiscriminator, convertGenerator } from './convert-weights.js';
export { type MicroBatch } from './micro-batch.js';
export {
  measureRun,
  type MeasureArguments,
  type MeasureBasis,
  type ResolutionMeasure,
  type ResolutionSpeed,
} from './planning/measure.js';
export { estimateSeconds, fitFactor, scaleLengths, type RunSeconds } from './planning/duration.js';
export { completeSpeeds } from './planning/extrapolate.js';
export { estimateMemory, passMacs, stateBytes, type MemoryEstimate } from './planning/work.js';
export {
  countTicks,
  findProblems,
  planRun,
  plannedMicroBatch,
  type ParameterCounts,
  type PlanLimits,
  type PlannedPhase,
  type PlanProblem,
  type PlanTotals,
  type RunPlan,
} from './planning/plan.js';
export { latentWalk, type LatentWalkOptions } from './latent-walk.js';
export {
  paperPresets,
  switches,
  withSwitches,
  type PaperPresetName,
  type Preset,
  type PresetChanges,
  type SwitchName,
} from './presets/index.js';
export { importGenerator, type ImportOptions } from './import/import-generator.js';
export { mappingSchema, parseMapping, type Mapping, type MappingInput } from './import/mapping.js';
export { shippedMappings } from './import/layouts/index.js';
export { readTensorFile } from './tensor-file.js';
export { exportOnnx } from './export/onnx.js';
export { exportTfjs } from './export/tfjs.js';
