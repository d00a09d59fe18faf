export { CliError, type CliErrorCode } from './errors.js';
export { type Io } from './io.js';
export { run } from './program.js';
