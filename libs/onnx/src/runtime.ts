/**
 * ONNX Runtime, loaded when a model is first used. With its libraries for all systems it takes 300 MB, which users without
 * models do without: it is an optional peer.
 */
import { createRequire } from 'node:module';
import type * as onnxruntime from 'onnxruntime-node';
import type { MakeFault } from './fault.js';

export type OnnxRuntime = typeof onnxruntime;

const require = createRequire(import.meta.url);

const remedy =
  'ONNX models need it; install it: npm install onnxruntime-node@1.30.0 ' +
  '--onnxruntime-node-install=skip (the processor is enough, no CUDA is fetched)';

/** @throws `runtime-missing` when the package is not installed or does not run on this machine */
export function loadOnnxRuntime(fault: MakeFault, name = 'onnxruntime-node'): OnnxRuntime {
  try {
    return require(name) as OnnxRuntime;
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const why = missing ? 'is not installed' : `cannot be loaded (${firstLine(cause)})`;
    throw fault('runtime-missing', `The package ${name} ${why}. ${remedy}`, { cause });
  }
}

/** Version of the installed ONNX Runtime, on which the last bits of its results depend. @throws `runtime-missing` */
export function onnxRuntimeVersion(fault: MakeFault): string {
  const { versions } = loadOnnxRuntime(fault).env;
  return versions.node ?? versions.common;
}

/** Of an error's message, for a message of ours. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]!.slice(0, 300);
}
