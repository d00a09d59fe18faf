/**
 * What went wrong with a picture, a model file or a dataset. `code` is stable, so that programs can
 * act on it; the message says what, where, what was expected, what was found, and what to do.
 */
export type DatasetErrorCode =
  | 'option-invalid' // an argument out of its range
  | 'source-missing' // the picture folder does not exist or cannot be read
  | 'source-empty' // it holds no picture
  | 'source-changed' // pictures vanished while they were read
  | 'source-unusable' // every picture was dropped
  | 'source-invalid' // an archive, a set's file or a database that does not parse
  | 'annotation-invalid' // a list of landmarks or labels that does not parse
  | 'landmarks-unusable' // five points that do not make a face
  | 'face-outside-picture' // the aligned square has nothing of the picture
  | 'model-missing' // a model cannot be found or fetched
  | 'model-invalid' // a model is not the file it should be
  | 'runtime-missing' // an optional package that a model needs is not installed
  | 'detector-failed' // the face detector cannot run here
  | 'worker-failed' // worker threads end before they have done anything
  | 'output-refused' // the output folder holds something else
  | 'output-busy' // another process is building there
  | 'output-failed' // writing failed (disk full, permissions)
  | 'dataset-missing' // there is no dataset in the folder
  | 'dataset-invalid' // levels, counts, index or labels disagree
  | 'datasets-differ' // datasets that do not go together in one
  | 'split-impossible' // too few pictures that may be held out
  | 'record-corrupt' // a TFRecord's checksum or length is wrong
  | 'record-invalid' // a sound TFRecord that is not an image of a dataset
  | 'npy-invalid' // not a NumPy array file that we read
  | 'interrupted'; // stopped on request; the work done so far is kept

export class DatasetError extends Error {
  override readonly name = 'DatasetError';

  constructor(
    readonly code: DatasetErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
