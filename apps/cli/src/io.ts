/** Everything a command takes from the world around it, so that it can be run anywhere. */
export interface Io {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Seconds of a clock that never goes back; absent = the machine's. */
  readonly clock?: () => number;
}

/** How the reader of our messages starts this program: through Nx or by itself. */
export function invocation(io: Io, command: string): string {
  return io.env['NX_TASK_TARGET_PROJECT'] ? `npx nx run cli:${command} --` : `pggan ${command}`;
}

/** Seconds of a clock that never goes back. */
export const clockOf = ({ clock = () => performance.now() / 1000 }: Io) => clock;
