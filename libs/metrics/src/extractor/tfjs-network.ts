/** TensorFlow.js models, run by @pggan/engine, which is loaded for them only. */
import type * as engineModule from '@pggan/engine';
import { MetricsError } from '../errors.js';
import type { Network, NetworkOptions } from './network.js';
import type { TfjsFiles } from './tfjs-files.js';

type Engine = typeof engineModule;

/** `load`: how the engine comes; it is an optional peer. @throws MetricsError `runtime-missing` */
export async function loadEngine(
  load: () => Promise<Engine> = () => import('@pggan/engine'),
): Promise<Engine> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : `cannot be loaded (${message})`;
    throw new MetricsError(
      'runtime-missing',
      `The package @pggan/engine ${why}. TensorFlow.js models need it; install it: npm install @pggan/engine`,
      { cause },
    );
  }
}

/**
 * On the backend that runs already; where none does, the fastest of this machine is started.
 * @throws MetricsError `extractor-invalid`, `runtime-missing`
 */
export async function openTfjsNetwork(
  path: string,
  files: TfjsFiles,
  input: string | undefined,
  { threads }: NetworkOptions,
): Promise<Network> {
  const { EngineError, loadNetwork, startEngine, tf } = await loadEngine();
  const failed = (error: unknown): never => {
    if (!(error instanceof EngineError)) throw error;
    throw new MetricsError('extractor-invalid', `${path}: ${error.message}`, { cause: error });
  };
  if (!tf.engine().backendName) await startEngine({ threads });
  const network = await loadNetwork(files).catch(failed);
  const [port, ...more] = network.inputs;
  if (!port || more.length > 0 || port.name !== (input ?? port.name) || port.dtype !== 'float32') {
    network.dispose();
    const told = network.inputs.map(({ name, dtype }) => `"${name}" of ${dtype}`).join(' and ');
    throw new MetricsError(
      'extractor-invalid',
      `${path}: expected one input of float32${input === undefined ? '' : ` called "${input}"`}, got ${told || 'none'}`,
    );
  }
  return {
    runtime: `tfjs ${tf.version_core} on ${tf.getBackend()}`,
    // A graph need not say what it takes.
    inputShape: port.shape.length > 0 ? port.shape : [null, null, null, null],
    outputs: network.outputs,
    async run(data, dims, names) {
      const results = await network.run(data, dims, names).catch(failed);
      return new Map(names.map((name, i) => [name, results[i]!]));
    },
    close: () => Promise.resolve(network.dispose()),
  };
}
