#!/usr/bin/env node
import { run } from './program.js';

const code = await run(process.argv.slice(2), process);
// TensorFlow and worker threads may hold the process; what had to be written is written.
process.exit(code);
