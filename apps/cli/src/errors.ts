import { ExitCode } from '@pggan/terminal';

/** Stable codes of what can go wrong in this program itself; libraries bring their own. */
export type CliErrorCode =
  | 'usage'
  | 'config-invalid'
  | 'dataset-missing'
  | 'dataset-mismatch'
  | 'labels-unavailable'
  | 'resolution-unavailable'
  | 'run-missing'
  | 'run-finished'
  | 'plan-refused'
  | 'settings-refused'
  | 'run-not-writable'
  | 'checkpoint-missing'
  | 'latents-invalid'
  | 'mapping-missing'
  | 'metrics-missing'
  | 'disk-full';

/** An error for the person at the terminal: what, where, expected, got, and the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  /** What `--json` adds to code and message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: CliErrorCode,
    message: string,
    {
      details = {},
      ...options
    }: ErrorOptions & { readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** `usage` when the command line was wrong, else `failure`. */
  get exitCode(): number {
    return this.code === 'usage' ? ExitCode.usage : ExitCode.failure;
  }
}
