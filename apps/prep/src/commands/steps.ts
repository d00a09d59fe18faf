/** Runs work of several steps with a bar for each (lines where there is no terminal) and Ctrl-C as an AbortSignal. */
import { createProgress, onInterrupt, type Progress } from '@pggan/terminal';
import type { Io } from './io.js';

export interface SteppedWork<S extends string> {
  readonly signal: AbortSignal; // aborted by Ctrl-C
  readonly onProgress: (step: S, done: number, total: number) => void;
}

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
      onProgress(step, done, total) {
        if (current?.step !== step) {
          current?.bar.stop();
          const unit = typeof units === 'string' ? units : units[step];
          current = { step, bar: createProgress({ title: step, unit, stream }) };
        }
        current.bar.update(done, total);
      },
    });
  } finally {
    current?.bar.stop();
    interrupt.dispose();
  }
}
