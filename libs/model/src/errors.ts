/** What went wrong, for programs; the message is for people. */
export type ModelErrorCode =
  | 'options-invalid'
  | 'reader-mismatch'
  | 'training-diverged'
  | 'weights-mismatch'
  | 'tensor-file-invalid'
  | 'checkpoint-missing'
  | 'checkpoint-corrupt'
  | 'checkpoint-format'
  | 'checkpoint-version'
  | 'checkpoint-not-written'
  | 'mapping-invalid'
  | 'import-mismatch'
  | 'export-invalid';

/**
 * The one error class of this package. The message says what is wrong, where, what was expected,
 * what was found and, when there is one, the remedy; `code` never changes between versions.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: ModelErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
