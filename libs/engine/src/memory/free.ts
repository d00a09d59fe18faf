/** How much memory there is to train in. */
import { runCommand } from '../provision/command.js';

/** TensorFlow leaves about this much of a GPU's free memory to others. */
const gpuReserve = 0.05;

export interface FreeMemory {
  /** Bytes that a step and everything beside it may take, what the process holds already included. */
  readonly bytes: number;
  /** Whether they are a GPU's. */
  readonly gpu: boolean;
}

/** Of the machine, or of the limit that its control group sets. */
export function freeMachineMemory(): FreeMemory {
  return { bytes: process.availableMemory() + process.memoryUsage.rss(), gpu: false };
}

/**
 * Of the first NVIDIA GPU that the process may use; undefined where none answers. To be asked before
 * the engine starts: TensorFlow takes nearly all of it at once.
 */
export async function freeGpuMemory(env: NodeJS.ProcessEnv = process.env): Promise<FreeMemory | undefined> {
  const visible = env['CUDA_VISIBLE_DEVICES']?.split(',')[0]?.trim();
  const chosen = visible ? ['--id', visible] : [];
  const query = ['--query-gpu=memory.free', '--format=csv,noheader,nounits'];
  const { ok, stdout } = await runCommand('nvidia-smi', [...chosen, ...query], { env });
  const mebibytes = Number.parseFloat(stdout);
  if (!ok || !Number.isFinite(mebibytes)) return undefined;
  return { bytes: mebibytes * 2 ** 20 * (1 - gpuReserve), gpu: true };
}

/** Whether an error says that memory ran out, in the words of any backend. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && outOfMemory.test(error.message);
}

const outOfMemory =
  /OOM when allocating|RESOURCE_EXHAUSTED|ResourceExhausted|out of memory|memory access out of bounds|Array buffer allocation failed|Invalid typed array length|Cannot enlarge memory/i;
