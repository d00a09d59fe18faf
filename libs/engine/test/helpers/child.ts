/** Programs of a test that need a Node process of their own, written in TypeScript like everything else. */
import { spawn, type ChildProcess } from 'node:child_process';

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first line that starts so. */
  line(start: string): Promise<string>;
  readonly finished: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** @param source module text; `src/` in its imports means this library's sources */
export function runChild(source: string, env: NodeJS.ProcessEnv = {}, node = process.execPath): Child {
  const sources = new URL('../../src/', import.meta.url);
  const code = source.replaceAll("'src/", `'${sources.href}`);
  const typescript = new URL('../../../../tools/test/typescript.mjs', import.meta.url).href;
  const args = ['--import', typescript, '--input-type=module', '-e', code];
  const child = spawn(node, args, { env: { ...process.env, NODE_OPTIONS: '', ...env } });
  let stdout = '';
  let stderr = '';
  const waiting: { start: string; resolve: (line: string) => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const { start, resolve } of waiting) {
      const found = stdout.split('\n').find((line) => line.startsWith(start));
      if (found) resolve(found);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ code: exit, stdout, stderr }));
  });
  return {
    process: child,
    line: (start) =>
      Promise.race([
        new Promise<string>((resolve) => waiting.push({ start, resolve })),
        finished.then(() => Promise.reject(new Error(`ended before "${start}":\n${stdout}${stderr}`))),
      ]),
    finished,
  };
}
