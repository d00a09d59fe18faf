export { writeAtomic } from './write-atomic.js';
