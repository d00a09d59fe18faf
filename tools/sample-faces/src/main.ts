#!/usr/bin/env node
import { createProgress, ExitCode, formatBytes, onInterrupt, printError } from '@pggan/terminal';
import { SampleError } from './errors.js';
import { generateSample } from './generate.js';
import { HELP, parseOptions } from './options.js';

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return ExitCode.ok;
  }
  const progress = createProgress({ title: 'render', unit: 'pictures' });
  const interrupt = onInterrupt((line) => progress.log(line));
  try {
    const summary = await generateSample({
      ...options,
      signal: interrupt.signal,
      onProgress: (done, total) => progress.update(done, total),
    });
    const { none = 0 } = summary.defects;
    progress.stop(
      `${options.out}: ${summary.count} pictures, ${formatBytes(summary.bytes)}, ${none} clean, ${summary.count - none} with a known defect`,
    );
    return ExitCode.ok;
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    interrupt.dispose();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  printError(error);
  const code = error instanceof SampleError ? error.code : undefined;
  process.exitCode =
    code === 'usage' ? ExitCode.usage : code === 'stopped' ? ExitCode.interrupted : ExitCode.failure;
}
