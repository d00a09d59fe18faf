import { freeGpuMemory, freeMachineMemory, type EngineInfo, type FreeMemory } from '@pggan/engine';
import { imageShape, measureRun, type ResolutionMeasure, type TrainingOptions } from '@pggan/model';
import { formatBytes, formatDuration } from '@pggan/terminal';
import { openEngine } from '../engine.js';
import type { Io } from '../io.js';
import type { PlanCommandOptions } from '../options/train.js';

/** An engine, and what there is to train in. */
export interface Place {
  readonly engine: EngineInfo;
  readonly memory: FreeMemory;
}

/** Starts the engine of a run; the limit is `--memory`, else what is free, of the GPU where that trains. */
export async function openPlace(options: PlanCommandOptions, io: Io): Promise<Place> {
  const gpu = await freeGpuMemory({ ...io.env });
  const engine = await openEngine(options, io);
  const free = engine.gpu && gpu ? gpu : freeMachineMemory();
  return { engine, memory: { gpu: engine.gpu, bytes: options.memory ?? free.bytes } };
}

/** Times a few steps at every resolution of a run, and says so. */
export async function measure(
  training: TrainingOptions,
  { memory }: Pick<Place, 'memory'>,
  settings: { readonly split: boolean; readonly secondsPerResolution: number },
  io: Io,
): Promise<ResolutionMeasure[]> {
  return await measureRun({
    options: training,
    limitBytes: memory.bytes,
    gpu: memory.gpu,
    passes: 3,
    ...settings,
    onResolution: (found) => void io.stderr.write(`${describeMeasure(training, found)}\n`),
  });
}

/** `64x64: 32 images a step, 12m 05s a kimg, 1.2 GiB (measured)`. */
function describeMeasure({ network }: TrainingOptions, found: ResolutionMeasure): string {
  const { width, height } = imageShape({ ...network, resolution: found.resolution });
  const parts = found.images < found.minibatch ? `, ${found.images} at a time` : '';
  return (
    `${width}x${height}: ${found.minibatch} images a step${parts}, ${formatDuration(found.secondsPerKimg)} ` +
    `a kimg, ${formatBytes(found.peakBytes)} (${found.basis})`
  );
}
