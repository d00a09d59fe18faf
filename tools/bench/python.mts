/** The Python in which the peers run: a virtual environment in the per-user cache, made by the first bench that needs it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

const requirements = join(import.meta.dirname, 'peers/requirements.txt');

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `ended with ${status}\n${stderr}`}`);
  return stdout;
}

/** Path of an interpreter that has peers/requirements.txt; `PYTHON` names the one to start from, Python 3.10 or newer. */
export function peerPython(): string {
  const python = process.env['PYTHON'] ?? 'python3';
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(run(python, ['--version']))
    .digest('hex')
    .slice(0, 12);
  const cache = process.env['PGGAN_CACHE'] || envPaths('pggan', { suffix: '' }).cache;
  const folder = join(cache, 'bench', `python-${key}`);
  const interpreter = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    console.log(`making a virtual environment with TensorFlow in ${folder}, once`);
    mkdirSync(folder, { recursive: true });
    run(python, ['-m', 'venv', '--clear', folder]);
    run(interpreter, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    writeFileSync(complete, '');
  }
  return interpreter;
}
