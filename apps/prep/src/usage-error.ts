/** A wrong command line: the program ends with 2. */
export class UsageError extends Error {
  readonly code = 'usage';
}
