/** Started, and killed, by kill.test.ts: `build-script.ts SOURCE OUT`. */
import { buildDataset } from '../../src/index.js';
import { noModel, options } from './pictures.js';

const [source, out] = process.argv.slice(2);
await buildDataset(options({ source: source!, out: out!, size: 64, workers: 2 }), noModel);
