/** The program: its commands, and what the exit code says. */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { DatasetError } from '@pggan/dataset';
import { systemReason } from '@pggan/files';
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
import { version } from './version.js';

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
  const program = new Command('prep')
    .description('Builds image datasets for Progressive GANs.')
    .version(version);
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

const damageCodes = new Set<string>(['record-corrupt', 'record-invalid', 'dataset-invalid', 'npy-invalid']);

/** What to do about damage, where the message does not say it. */
function damageAdvice(error: unknown): string {
  const unsaid =
    error instanceof DatasetError && damageCodes.has(error.code) && !/\bprep \w+|build/.test(error.message);
  return unsaid
    ? '"prep verify" with the dataset says all that is damaged, "prep repair" restores what can be\n'
    : '';
}

/** Names that the libraries have for what goes by another option here. */
const otherNames: Readonly<Record<string, string>> = { range: 'records', size: 'resolution' };

/** `level: expected …` of a library → `--level: expected …`, where the command has that option. */
function inFlags(message: string, options: readonly { readonly long?: string | undefined }[]): string {
  return message.replace(/^([a-z][A-Za-z-]*)(?=: )/, (name) => {
    const flag = `--${(otherNames[name] ?? name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return options.some(({ long }) => long === flag) ? flag : name;
  });
}

/** What a person is told. */
function explained(error: unknown, command: CommandUnknownOpts | undefined): unknown {
  if (error instanceof DatasetError && error.code === 'option-invalid')
    return new DatasetError(error.code, inFlags(error.message, command?.options ?? []), { cause: error });
  const { errno, code, path } = error as NodeJS.ErrnoException;
  if (errno === undefined || code === undefined) return error;
  const told = new Error(`${path === undefined ? '' : `${path}: `}${systemReason(error)}`, { cause: error });
  return Object.assign(told, { code });
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
  const program = createProgram(io);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own errors.
    if (!(error instanceof CommanderError)) {
      const command = program.commands.find((each) => each.name() === argv[0]);
      printError(explained(error, command), streams.stderr);
      streams.stderr.write(damageAdvice(error));
    }
    return exitCodeOf(error);
  }
}
