/** The worker thread: one task after the other. */
import { parentPort } from 'node:worker_threads';
import { MetricsError } from '../errors.js';
import { perform, type TaskReply, type TaskRequest } from './tasks.js';

parentPort!.on('message', ({ name, input }: TaskRequest) => {
  let reply: TaskReply;
  try {
    reply = { result: perform(name, input) };
  } catch (error) {
    const code = error instanceof MetricsError ? error.code : null;
    reply = { error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
  parentPort!.postMessage(reply);
});
