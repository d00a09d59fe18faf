#!/usr/bin/env node
import { CommanderError } from '@commander-js/extra-typings';
import { DatasetError } from '@pggan/dataset';
import { ExitCode, printError } from '@pggan/terminal';
import { UsageError } from './options.js';
import { createProgram } from './program.js';

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof DatasetError && error.code === 'option-invalid') return ExitCode.usage;
  if (error instanceof DatasetError && error.code === 'interrupted') return ExitCode.interrupted;
  return ExitCode.failure;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has printed its own errors.
  if (!(error instanceof CommanderError)) printError(error);
  process.exitCode = exitCodeOf(error);
}
