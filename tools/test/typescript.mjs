/**
 * Preload (`node --import`) that lets Node run TypeScript, in worker threads as well: Node 20 gives each worker loaders of
 * its own. Tests start hundreds of workers and programs, so what was compiled once is kept, and the compiler stays out of
 * those that need nothing new.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
