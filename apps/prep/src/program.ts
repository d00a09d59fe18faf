/** The program: its commands, and what the exit code says. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { DatasetError } from '@pggan/dataset';
import { ExitCode, printError } from '@pggan/terminal';
import { buildDatasetCommand, type Streams } from './build-dataset.js';
import { UsageError } from './options.js';

function createProgram(streams: Streams) {
  const program = new Command('prep').description('Builds image datasets for Progressive GANs.');
  const command = buildDatasetCommand(streams);
  for (const each of [program, command])
    each
      .exitOverride()
      .configureHelp({ helpWidth: 110 })
      .showHelpAfterError('(--help lists the options)')
      .configureOutput({
        writeOut: (text) => void streams.stdout.write(text),
        writeErr: (text) => void streams.stderr.write(text),
      });
  return program.addCommand(command);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof DatasetError && error.code === 'option-invalid') return ExitCode.usage;
  if (error instanceof DatasetError && error.code === 'interrupted') return ExitCode.interrupted;
  return ExitCode.failure;
}

/** Runs a command line (without node and script) and returns the exit code. */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    await createProgram(streams).parseAsync(argv, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    // Commander has printed its own errors.
    if (!(error instanceof CommanderError)) printError(error, streams.stderr);
    return exitCodeOf(error);
  }
}
