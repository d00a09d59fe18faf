#!/usr/bin/env node
/** `nx run engine:provision`: makes TensorFlow available to every checkout of this user. */
import { parseArgs } from 'node:util';
import { EngineError } from '../errors.js';
import type { ProvisionOptions } from './options.js';
import type { ProvisionProgress } from './progress.js';
import { provision } from './provision.js';

const HELP = `Usage: nx run engine:provision -- [options]

Downloads TensorFlow's C library (in the official Python wheel, by pip, 0.3 GB), unpacks what is
needed (0.9 GB) into the per-user cache, compiles the Node binding for it and tries it. Does nothing
when the cache has it already.

Options:
  --variant cpu|gpu      gpu: the CUDA build and NVIDIA's libraries, 3 GB of download (default: cpu)
  --libtensorflow DIR    use the libtensorflow in DIR and compile only the binding
  --include DIR          its headers, when they are not in include/ inside or beside DIR
  --wheel FILE           use a TensorFlow wheel that is already here instead of pip
  --force                build anew even when the cache has it
  --help                 print this

Environment: PGGAN_CACHE (the cache's folder), PGGAN_LIBTENSORFLOW, PGGAN_LIBTENSORFLOW_INCLUDE
(as the options), CXX (the compiler).
Exit status: 0 available, 1 it cannot be made (the message says what would help), 2 wrong usage,
130 interrupted.
`;

const options = {
  variant: { type: 'string' },
  libtensorflow: { type: 'string' },
  include: { type: 'string' },
  wheel: { type: 'string' },
  force: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const { help, ...wanted } = parseArgs({ args: [...args], options, strict: true }).values;
    if (help) {
      process.stdout.write(HELP);
      return 0;
    }
    const print = progressPrinter(process.stderr);
    // The values are strings of any content here; provision checks them and names the wrong one.
    const made = await provision({
      ...(wanted as ProvisionOptions),
      onProgress: print,
      signal: interrupt.signal,
    });
    const { tensorflow, variant } = made.receipt;
    process.stderr.write(
      `TensorFlow ${tensorflow} (${variant}) ${made.fresh ? 'is ready' : 'was ready'}: ${made.folder}\n`,
    );
    return 0;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  const code = (error as { code?: string }).code ?? '';
  if (error instanceof EngineError) {
    process.stderr.write(`\n${error.message}\n[${error.code}]\n`);
    return error.code === 'aborted' ? 130 : error.code === 'option-invalid' ? 2 : 1;
  }
  if (code.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${(error as Error).message}\nTry --help.\n`);
    return 2;
  }
  throw error;
}

/** One line that is rewritten on a terminal; a line each tenth elsewhere. */
function progressPrinter(stream: NodeJS.WriteStream): (progress: ProvisionProgress) => void {
  let shown = '';
  return ({ step, done, total, unit }) => {
    const percent = total ? Math.floor((100 * done) / total) : undefined;
    const coarse = percent === undefined || stream.isTTY ? percent : Math.floor(percent / 10) * 10;
    const size = unit === 'bytes' && stream.isTTY ? ` of ${Math.round((total ?? done) / 1e6)} MB` : '';
    const text = coarse === undefined ? step : `${step} ${coarse}%${size}`;
    if (text === shown) return;
    const newStep = !shown.startsWith(step);
    if (stream.isTTY) stream.write(`${newStep && shown ? '\n' : '\r\x1b[K'}${text}`);
    else stream.write(`${text}\n`);
    if (stream.isTTY && step === 'testing' && percent === 100) stream.write('\n');
    shown = text;
  };
}

process.exitCode = await main(process.argv.slice(2));
