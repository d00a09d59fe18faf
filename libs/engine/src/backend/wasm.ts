/** The WebAssembly backend: always there, one thread, SIMD where the engine has it. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { EngineError } from '../errors.js';
import * as tf from '../tf.js';

const require = createRequire(import.meta.url);

/** @throws EngineError `backend-unavailable` */
export async function loadWasm(): Promise<void> {
  if (!tf.findBackend('wasm')) {
    setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), sep));
  }
  const ready = await tf.setBackend('wasm').catch(() => false);
  if (!ready) {
    throw new EngineError(
      'backend-unavailable',
      'The wasm backend did not start: this Node cannot instantiate the WebAssembly files of @tensorflow/tfjs-backend-wasm. ' +
        'Reinstall the packages (npm ci), or use --backend cpu.',
    );
  }
}
