/** Runs long work with a bar for each step (lines where there is no terminal) and the first Ctrl-C as an AbortSignal. */
import { createProgress, onInterrupt, type Progress } from '@pggan/terminal';
import type { Io } from './io.js';

export interface SteppedWork<S extends string> {
  readonly signal: AbortSignal; // aborted by Ctrl-C
  readonly onProgress: (step: S, done: number, total: number | undefined, note?: string) => void;
}

/** Work of several steps; each has a bar of its name. */
export async function withSteps<S extends string, T>(
  { stderr: stream }: Io,
  units: string | Readonly<Record<S, string>>, // that each step counts
  work: (context: SteppedWork<S>) => Promise<T>,
): Promise<T> {
  let current: { readonly step: S; readonly bar: Progress } | undefined;
  const interrupt = onInterrupt((line) => {
    if (current) current.bar.log(line);
    else stream.write(`${line}\n`);
  });
  try {
    return await work({
      signal: interrupt.signal,
      onProgress(step, done, total, note) {
        if (current?.step !== step) {
          current?.bar.stop();
          const unit = typeof units === 'string' ? units : units[step];
          current = { step, bar: createProgress({ title: step, unit, stream }) };
        }
        current.bar.update(done, total, note);
      },
    });
  } finally {
    current?.bar.stop();
    interrupt.dispose();
  }
}

export interface Work {
  readonly signal: AbortSignal; // aborted by Ctrl-C
  readonly onProgress: (done: number, total: number) => void;
}

/** Work of one step. */
export function withProgress<T>(
  io: Io,
  { title, unit }: { readonly title: string; readonly unit: string },
  work: (context: Work) => Promise<T>,
): Promise<T> {
  return withSteps(io, unit, ({ signal, onProgress }) =>
    work({ signal, onProgress: (done, total) => onProgress(title, done, total) }),
  );
}
