/** Choosing where tensors run, and saying why in one line. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { EngineError } from '../errors.js';
import { findInstallation } from '../provision/find.js';
import type { Installation } from '../provision/layout.js';
import type { ProvisionProgress } from '../provision/progress.js';
import { provision } from '../provision/provision.js';
import * as tf from '../tf.js';
import { describeChoice, firstSentence, PROVISION_COMMAND, type Choice } from './choice.js';
import { hasNvidiaGpu } from './nvidia.js';
import { loadTensorFlow } from './tensorflow.js';
import { loadWasm } from './wasm.js';

export const BACKEND_NAMES = ['tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

export interface EngineInfo {
  readonly backend: BackendName;
  readonly reason: string; //              one line: what was chosen and why, and what would be faster
  readonly tensorflowVersion?: string;
  readonly gpu: boolean; //                TensorFlow runs on a GPU
  readonly threads: number; //             for the operations' own loops
}

const startSchema = z
  .object({
    backend: z.enum(['auto', ...BACKEND_NAMES]).default('auto'),
    provision: z.boolean().default(false), //          make TensorFlow first if the cache has none
    libtensorflow: z.string().min(1).optional(), //    an existing libtensorflow; default PGGAN_LIBTENSORFLOW
    threads: z.number().int().min(1).optional(), //    default: as many as the machine offers
    env: z.custom<NodeJS.ProcessEnv>((value) => typeof value === 'object').optional(), // default process.env
    onProgress: z
      .custom<(progress: ProvisionProgress) => void>((value) => typeof value === 'function')
      .optional(),
    log: z.custom<(line: string) => void>((value) => typeof value === 'function').optional(), // gets the reason
    signal: z.instanceof(AbortSignal).optional(), //   stops a provisioning
  })
  .strict();

export type StartOptions = z.input<typeof startSchema>;
type CheckedStartOptions = z.output<typeof startSchema>;

/**
 * Sets the tfjs backend of this process.
 *
 * `auto` takes TensorFlow where the cache has it (the GPU build first on a machine with an NVIDIA
 * GPU), else wasm, else plain JavaScript, and never fails over what is missing. A backend asked for
 * by name runs or throws.
 * @throws EngineError whose message ends with the remedy
 */
export async function startEngine(options: StartOptions = {}): Promise<EngineInfo> {
  const checked = checkStartOptions(options);
  const info = await start(checked);
  checked.log?.(info.reason);
  return info;
}

async function start(options: CheckedStartOptions): Promise<EngineInfo> {
  switch (options.backend) {
    case 'tensorflow': {
      const installation = await tensorflowInstallation(options);
      if (installation) return startTensorFlow(installation, options, 'asked for');
      throw new EngineError(
        'backend-unavailable',
        `The tensorflow backend is not provisioned on this machine. Run ${PROVISION_COMMAND} once ` +
          `(0.3 GB of download), or name an existing libtensorflow in PGGAN_LIBTENSORFLOW.`,
      );
    }
    case 'wasm':
      await loadWasm();
      return plainInfo({ backend: 'wasm', because: 'asked for' });
    case 'cpu':
      await tf.setBackend('cpu');
      return plainInfo({ backend: 'cpu', because: 'asked for' });
    case 'auto':
      return startBest(options);
  }
}

/** Tries from fast to slow; what each failed over becomes part of the line. */
async function startBest(options: CheckedStartOptions): Promise<EngineInfo> {
  let because = 'TensorFlow is not provisioned';
  let failed = false;
  try {
    const installation = await tensorflowInstallation(options);
    if (installation) return await startTensorFlow(installation, options, 'the fastest here');
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'aborted') throw error;
    because = firstSentence(error.message);
    failed = true;
  }
  try {
    await loadWasm();
    return plainInfo({ backend: 'wasm', because, failed });
  } catch {
    await tf.setBackend('cpu');
    return plainInfo({ backend: 'cpu', because: `${because}, and wasm does not start`, failed });
  }
}

/** From the cache, or made now when asked to; an existing libtensorflow costs a compilation at most. */
async function tensorflowInstallation(options: CheckedStartOptions): Promise<Installation | undefined> {
  const { env = process.env, libtensorflow, onProgress, signal } = options;
  const wanted = { env, libtensorflow, onProgress, signal };
  if (libtensorflow || env['PGGAN_LIBTENSORFLOW']) return provision(wanted);
  const variants = (await hasNvidiaGpu(env)) ? (['gpu', 'cpu'] as const) : (['cpu', 'gpu'] as const);
  for (const variant of variants) {
    const found = await findInstallation(variant, env);
    if (found) return found;
  }
  return options.provision ? provision(wanted) : undefined;
}

async function startTensorFlow(
  installation: Installation,
  options: CheckedStartOptions,
  because: string,
): Promise<EngineInfo> {
  const { env = process.env, threads = availableParallelism() } = options;
  const { version, gpu } = await loadTensorFlow(installation, threads);
  const idleGpu = !gpu && (await hasNvidiaGpu(env));
  const choice: Choice = { backend: 'tensorflow', because, version, gpu, threads, idleGpu };
  return { backend: 'tensorflow', reason: describeChoice(choice), tensorflowVersion: version, gpu, threads };
}

function plainInfo(choice: Choice & { backend: 'wasm' | 'cpu' }): EngineInfo {
  return { backend: choice.backend, reason: describeChoice(choice), gpu: false, threads: 1 };
}

function checkStartOptions(options: StartOptions): CheckedStartOptions {
  const result = startSchema.safeParse(options);
  if (result.success) return result.data;
  throw new EngineError('option-invalid', `startEngine: ${z.prettifyError(result.error)}`, {
    cause: result.error,
  });
}
