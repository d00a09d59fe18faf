/** Is there an NVIDIA GPU? Asked of the driver's own tool, once a process and PATH. */
import { runCommand } from '../provision/command.js';

const answers = new Map<string | undefined, Promise<string[]>>();

/** One line a GPU: name, memory and driver; none where the tool or the driver is absent. */
export function nvidiaGpus(env: NodeJS.ProcessEnv): Promise<string[]> {
  const path = env['PATH'];
  const known = answers.get(path);
  if (known) return known;
  const answer = askDriver(env);
  answers.set(path, answer);
  return answer;
}

export async function hasNvidiaGpu(env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await nvidiaGpus(env)).length > 0;
}

async function askDriver(env: NodeJS.ProcessEnv): Promise<string[]> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const { ok, stdout } = await runCommand('nvidia-smi', query, { env });
  return ok ? stdout.split('\n').filter((line) => line.trim() !== '') : [];
}
