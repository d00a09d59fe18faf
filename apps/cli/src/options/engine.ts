import { numberOption, oneOf, textOption } from './values.js';

export const backendNames = ['auto', 'tensorflow', 'wasm', 'cpu'] as const;

/** Fields of every command that needs an engine. */
export const engineOptionShape = {
  backend: oneOf(backendNames).optional(),
  threads: numberOption({ integer: true, from: 1 }).optional(),
  libtensorflow: textOption.optional(),
} as const;

/** The same options wherever an engine is needed: flags and help text. */
export const engineFlags = {
  backend: ['--backend <name>', `${backendNames.join(', ')} (default: auto, the fastest that runs here)`],
  threads: ['--threads <n>', 'threads of the engine (default: all cores)'],
  libtensorflow: ['--libtensorflow <dir>', 'a folder with an existing libtensorflow_cc.so.2'],
} as const;
