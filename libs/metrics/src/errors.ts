/**
 * What a metric refuses. `code` is stable, so that programs can act on it; the message says what, where, what was
 * expected, what was found, and what to do.
 */
export type MetricsErrorCode =
  | 'option-invalid' // an argument out of its range, or an unknown one
  | 'images-invalid' // a batch whose size, channels or length is not what it should be
  | 'images-differ' // two sets that cannot be compared: size, channels, count, settings
  | 'too-few' // not enough images, pairs or features for the metric
  | 'too-many' // more than the arithmetic holds exactly
  | 'features-invalid' // features or probabilities that are no numbers, or of another length
  | 'folder-invalid' // a folder of images that is missing, empty or holds an unreadable one
  | 'extractor-missing' // the manifest of a feature extractor, or the model that it names, cannot be read
  | 'extractor-invalid' // a manifest or model that is not what it should be, or fails
  | 'extractor-changed' // a model whose bytes are not those that the manifest was written for
  | 'output-missing' // an output that the model does not have, or that a metric needs and the extractor does not give
  | 'runtime-missing' // an optional package that the model needs is not installed
  | 'records-invalid' // a file of recorded numbers that cannot be read, written or understood
  | 'not-comparable' // recorded numbers that were made in different ways
  | 'cache-failed' // the cache cannot be read or written
  | 'training-invalid' // images or labels that no classifier can learn from
  | 'worker-failed' // a worker thread ended before its time
  | 'interrupted'; // stopped on request

export class MetricsError extends Error {
  override readonly name = 'MetricsError';

  constructor(
    readonly code: MetricsErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
