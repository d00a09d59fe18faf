/** The program: its commands, and what the exit code says. */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { DatasetError } from '@pggan/dataset';
import { ExitCode, printError } from '@pggan/terminal';
import { buildDatasetCommand } from './commands/build-dataset.js';
import { compareCommand } from './commands/compare.js';
import { displayCommand } from './commands/display.js';
import { extractCommand } from './commands/extract.js';
import { inspectCommand } from './commands/inspect.js';
import type { Io } from './commands/io.js';
import { mergeCommand } from './commands/merge.js';
import { repairCommand } from './commands/repair.js';
import { reportCommand } from './commands/report.js';
import { splitCommand } from './commands/split.js';
import { verifyCommand } from './commands/verify.js';
import { UsageError } from './usage-error.js';

/** In the order of the help. */
const commands: readonly ((io: Io) => CommandUnknownOpts)[] = [
  buildDatasetCommand,
  inspectCommand,
  displayCommand,
  reportCommand,
  verifyCommand,
  repairCommand,
  compareCommand,
  extractCommand,
  splitCommand,
  mergeCommand,
];

function createProgram(io: Io) {
  const program = new Command('prep').description('Builds image datasets for Progressive GANs.');
  const made = commands.map((command) => command(io));
  for (const each of [program, ...made])
    each
      .exitOverride()
      .configureHelp({ helpWidth: 110 })
      .showHelpAfterError('(--help lists the options)')
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        writeErr: (text) => void io.stderr.write(text),
      });
  for (const each of made) program.addCommand(each);
  return program;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof DatasetError && error.code === 'option-invalid') return ExitCode.usage;
  if (error instanceof DatasetError && error.code === 'interrupted') return ExitCode.interrupted;
  return ExitCode.failure;
}

/** Runs a command line (without node and script) and returns the exit code. */
export async function run(argv: readonly string[], streams: Omit<Io, 'finding'>): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const io: Io = {
    stdout: streams.stdout,
    stderr: streams.stderr,
    finding: () => {
      exitCode = ExitCode.failure;
    },
  };
  try {
    await createProgram(io).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own errors.
    if (!(error instanceof CommanderError)) printError(error, streams.stderr);
    return exitCodeOf(error);
  }
}
