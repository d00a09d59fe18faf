/**
 * Preload (`node --import`) that lets Node run TypeScript, in worker threads as well: `--import tsx` registers
 * itself in the main thread only, where Node 20 gives each worker loaders of its own.
 */
import { register } from 'tsx/esm/api';

register();
