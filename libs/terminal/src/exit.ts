/** Exit codes every command documents in its help. */
export const ExitCode = {
  ok: 0,
  /** The job failed; the message says what, where, and what to do. */
  failure: 1,
  /** The command line was wrong; nothing was started. */
  usage: 2,
  /** Stopped by Ctrl-C or SIGTERM after saving what there was. */
  interrupted: 130,
} as const;

/** An error that is meant to be read by a person: it carries a stable `code`, and its message needs no stack. */
export function isExpectedError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    // Node's own system errors (ENOENT, EACCES, …) have a code and a readable message as well.
    !error.code.startsWith('ERR_')
  );
}

/** Writes `error: message` for expected errors, the whole stack for anything else (a bug of ours). */
export function printError(error: unknown, stream: NodeJS.WritableStream = process.stderr): void {
  if (isExpectedError(error)) {
    stream.write(`error: ${error.message}\n`);
  } else {
    stream.write(`error: unexpected, please report it\n${error instanceof Error ? error.stack : error}\n`);
  }
}
