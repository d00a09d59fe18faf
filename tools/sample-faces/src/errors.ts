export type SampleErrorCode = 'usage' | 'output-occupied' | 'stopped';

/** What can go wrong here, with a message for the person who started the program. */
export class SampleError extends Error {
  override readonly name = 'SampleError';

  constructor(
    readonly code: SampleErrorCode,
    message: string,
  ) {
    super(message);
  }
}
