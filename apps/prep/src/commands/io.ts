/** What a command is given: where to write, how to end, and help with long work. */
import { createProgress, onInterrupt } from '@pggan/terminal';

export interface Io {
  readonly stdout: NodeJS.WriteStream; // data
  readonly stderr: NodeJS.WriteStream; // text for people
  /** The job was done and has found something wrong, which is reported: the program ends with 1. */
  finding(): void;
}

export interface Work {
  readonly signal: AbortSignal; // aborted by Ctrl-C
  readonly onProgress: (done: number, total: number) => void;
}

/** Runs `work` with a bar (lines where there is no terminal) and with the first Ctrl-C as an AbortSignal. */
export async function withProgress<T>(
  { stderr: stream }: Io,
  { title, unit }: { readonly title: string; readonly unit: string },
  work: (context: Work) => Promise<T>,
): Promise<T> {
  const bar = createProgress({ title, unit, stream });
  const interrupt = onInterrupt((line) => bar.log(line));
  try {
    return await work({ signal: interrupt.signal, onProgress: (done, total) => bar.update(done, total) });
  } finally {
    bar.stop();
    interrupt.dispose();
  }
}

/** One JSON document on standard output. */
export function writeJson({ stdout }: Io, document: unknown): void {
  stdout.write(`${JSON.stringify(document)}\n`);
}
