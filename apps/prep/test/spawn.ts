/** Runs `prep`: as its users do, in a process of its own, or here where nothing but words is at stake. */
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { run } from '../src/index.js';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const preload = new URL('../../../tools/test/typescript.mjs', import.meta.url).href;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Called with all of standard error so far; returns a signal to send, once. */
  readonly interruptWhen?: (stderr: string) => NodeJS.Signals | undefined;
}

export const prep = (argv: readonly string[], options?: RunOptions) => runScript(main, argv, options);

/** Another program of this repository, from its source. */
export function runScript(
  script: string,
  argv: readonly string[],
  { cwd, interruptWhen }: RunOptions = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--import', preload, '--conditions=@pggan/source', script, ...argv],
      { cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let [stdout, stderr, signalled] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const signal = signalled ? undefined : interruptWhen?.(stderr);
      if (!signal) return;
      signalled = true;
      child.kill(signal);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A command line that is refused, or answered, before any work. */
export async function prepHere(argv: readonly string[]): Promise<Run> {
  const collect = () => {
    const stream = new PassThrough().setEncoding('utf8');
    return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') };
  };
  const [stdout, stderr] = [collect(), collect()];
  const code = await run(argv, { stdout: stdout.stream, stderr: stderr.stream });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
