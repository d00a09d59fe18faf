/** Loading the TensorFlow backend from an installation in the cache; nothing in node_modules is written. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { EngineError } from '../errors.js';
import { packageFolder } from '../provision/compile.js';
import type { Installation } from '../provision/layout.js';
import { librariesFor } from '../provision/target.js';
import * as tf from '../tf.js';

const require = createRequire(import.meta.url);

/** The part of the package's backend that is asked about here. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

export interface LoadedTensorFlow {
  readonly version: string;
  readonly gpu: boolean;
}

/** The installation whose library this process has mapped; a second one cannot be loaded beside it. */
let loaded: string | undefined;

/**
 * Makes `tensorflow` the backend of this process. About half a second the first time.
 * @param threads for the operations' own parallel loops; read by TensorFlow once, when it loads
 * @throws EngineError `backend-unavailable` when the library does not load
 */
export async function loadTensorFlow(installation: Installation, threads: number): Promise<LoadedTensorFlow> {
  if (loaded === undefined) {
    setTensorFlowEnvironment(process.env, threads);
    restoreUtilPredicates();
    try {
      loadLibrary(installation);
      requireWithBinding(installation.binding);
    } catch (error) {
      throw new EngineError(
        'backend-unavailable',
        `TensorFlow in ${installation.folder} does not load: ${(error as Error).message}. ` +
          `Build it anew: nx run engine:provision -- --force.`,
        { cause: error },
      );
    }
    loaded = installation.binding;
  }
  await tf.setBackend('tensorflow');
  const backend = tf.backend() as unknown as NodeBackend;
  return { version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
}

/** Without TensorFlow's start-up lines, unless the user wants to hear everything. */
function loadLibrary(installation: Installation): void {
  if (process.env['TF_CPP_MIN_LOG_LEVEL'] === '0') return;
  const load = require(installation.quietLoader) as (path: string) => boolean;
  // What is wrong with a library that does not load is said by the binding that needs it.
  load(join(installation.libraryFolder, librariesFor(process.platform).framework));
}

/** What the user set stays. One inter-op thread makes repeated runs equal at no measurable cost. */
function setTensorFlowEnvironment(env: NodeJS.ProcessEnv, threads: number): void {
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  env['TF_NUM_INTEROP_THREADS'] ??= '1';
  env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
}

/** The package calls two predicates that Node 22 warns about and Node 23 has removed. */
function restoreUtilPredicates(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] = (value: unknown) => value == null;
  target['isArray'] = Array.isArray;
}

/**
 * The package asks node-pre-gyp where its addon is and throws when nothing is there. For the length
 * of the load, that question is answered by a module that knows the cache.
 */
function requireWithBinding(binding: string): void {
  const folder = packageFolder('@tensorflow/tfjs-node-gpu');
  const locator = createRequire(join(folder, 'package.json')).resolve('@mapbox/node-pre-gyp');
  const before = require.cache[locator];
  const answering = { id: locator, filename: locator, loaded: true, exports: { find: () => binding } };
  require.cache[locator] = answering as unknown as NodeJS.Module;
  try {
    require(folder);
  } finally {
    if (before) require.cache[locator] = before;
    else delete require.cache[locator];
  }
}
