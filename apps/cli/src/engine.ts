import { startEngine, type BackendName, type EngineInfo } from '@pggan/engine';
import { createProgress, type Progress } from '@pggan/terminal';
import type { Io } from './io.js';

export interface EngineOptions {
  readonly backend?: 'auto' | BackendName | undefined;
  readonly threads?: number | undefined;
  readonly libtensorflow?: string | undefined;
}

/**
 * Starts the tensors' engine, fetching TensorFlow first where that is possible, with a bar for each step
 * of it. The engine says in one line what was chosen and why.
 * @throws EngineError when a backend asked for by name cannot run
 */
export async function openEngine(options: EngineOptions, io: Io): Promise<EngineInfo> {
  let bar: { step: string; progress: Progress } | undefined;
  try {
    return await startEngine({
      backend: options.backend ?? 'auto',
      provision: true,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.libtensorflow === undefined ? {} : { libtensorflow: options.libtensorflow }),
      log(line) {
        bar?.progress.stop();
        io.stderr.write(`${line}\n`);
      },
      onProgress({ step, done, total, unit }) {
        if (bar?.step !== step) {
          bar?.progress.stop();
          bar = { step, progress: createProgress({ title: step, unit, stream: io.stderr }) };
        }
        bar.progress.update(done, total);
      },
    });
  } finally {
    bar?.progress.stop();
  }
}
