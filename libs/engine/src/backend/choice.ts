/** The one line that says where tensors run, why, and what would be faster. */

export const PROVISION_COMMAND = '`nx run engine:provision`';

export type Choice =
  | { backend: 'wasm' | 'cpu'; because: string; failed?: boolean } // failed: provisioning was tried
  | {
      backend: 'tensorflow';
      because: string;
      version: string;
      gpu: boolean;
      threads: number;
      idleGpu: boolean;
    };

export function describeChoice(choice: Choice): string {
  if (choice.backend !== 'tensorflow') {
    const what = choice.backend === 'wasm' ? 'wasm (one thread, SIMD)' : 'cpu (plain JavaScript)';
    const faster = choice.failed
      ? `tensorflow, once that is mended (${PROVISION_COMMAND} says how)`
      : `tensorflow, by ${PROVISION_COMMAND}`;
    return `engine: ${what}: ${choice.because}. Faster: ${faster}.`;
  }
  const { because, version, gpu, threads, idleGpu } = choice;
  const where = gpu ? 'GPU' : `${threads} CPU ${threads === 1 ? 'thread' : 'threads'}`;
  const faster = idleGpu
    ? ' Faster: the NVIDIA GPU here, by `nx run engine:provision -- --variant gpu` (untested on a GPU).'
    : '';
  return `engine: tensorflow ${version} on ${where}: ${because}.${faster}`;
}

/** The part of an error message that says what is wrong, without the remedy and the program output. */
export function firstSentence(message: string): string {
  const [line = message] = message.split('\n');
  return line.split(/[.;]\s+(?=[A-Z])/)[0]!.replace(/[.:;]$/, '');
}
