import { freeMachineMemory } from '@pggan/engine';
import type { Evaluator } from '@pggan/metrics';
import { formatBytes } from '@pggan/terminal';
import type { Io } from '../io.js';

/** Says so when descriptors are likely not to fit into memory. */
export function warnOfMemory({ memoryBytes }: Evaluator, io: Io): void {
  const { bytes } = freeMachineMemory();
  if (memoryBytes < bytes) return;
  io.stderr.write(
    `swd holds ${formatBytes(memoryBytes)} of descriptors, ${formatBytes(bytes)} of memory are free: ` +
      'if that ends badly, measure fewer images (swd4k takes a quarter of swd16k)\n',
  );
}
