/** What the random streams refuse. Codes are stable: `random-range`, `random-state`. */
export class RandomError extends Error {
  override readonly name = 'RandomError';

  constructor(
    readonly code: 'random-range' | 'random-state',
    message: string,
  ) {
    super(message);
  }
}
