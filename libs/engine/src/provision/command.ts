/** Running other programs: captured output, an abort signal, and "not found" as an answer rather than an error. */
import { spawn } from 'node:child_process';
import { EngineError } from '../errors.js';

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (line: string) => void; // every line of both streams, as it comes
}

export interface CommandResult {
  readonly found: boolean; //    false when there is no such program on PATH
  readonly ok: boolean; //       it ran and left with status 0
  readonly status: string; //    `exit status 1` or `signal SIGILL`, for messages
  readonly stdout: string;
  readonly output: string; //    both streams in order of arrival
}

/** @throws EngineError `aborted` when the signal is raised; the program is killed first. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(abortError(command));
    const child = spawn(command, args, {
      env: options.env,
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const abort = () => child.kill('SIGKILL');
    options.signal?.addEventListener('abort', abort, { once: true });

    let stdout = '';
    let output = '';
    let rest = '';
    const take = (text: string) => {
      output += text;
      const lines = (rest + text).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);

    const finish = (result: CommandResult) => {
      options.signal?.removeEventListener('abort', abort);
      if (options.signal?.aborted) reject(abortError(command));
      else resolve(result);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      // ENOTDIR and EACCES: PATH names something that cannot be run, which is no program either.
      finish({ found: false, ok: false, status: error.code ?? error.message, stdout, output });
    });
    child.on('close', (code, signal) => {
      if (rest) options.onLine?.(rest);
      const status = signal ? `signal ${signal}` : `exit status ${code}`;
      finish({ found: true, ok: code === 0, status, stdout, output });
    });
  });
}

/** The last lines of a program's output, indented for an error message. */
export function tail(output: string, lines = 12): string {
  const all = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  return all
    .slice(-lines)
    .map((line) => `  ${line}`)
    .join('\n');
}

export function abortError(what: string): EngineError {
  return new EngineError('aborted', `Stopped during ${what}; nothing half-made was kept.`);
}
