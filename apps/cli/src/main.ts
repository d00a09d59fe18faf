#!/usr/bin/env node
import { run } from './program.js';

// A reader that has had enough, such as head, is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const code = await run(process.argv.slice(2), process);
// TensorFlow and worker threads may hold the process; what had to be written is written.
process.exit(code);
