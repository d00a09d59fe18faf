export { RandomError } from './errors.js';
export { RandomState, type MutableArrayLike } from './random-state.js';
export { type RandomStateSnapshot } from './snapshot.js';
