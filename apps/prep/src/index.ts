export { type Streams } from './build-dataset.js';
export { run } from './program.js';
