import { Command, CommanderError } from '@commander-js/extra-typings';
import { ExitCode, printError } from '@pggan/terminal';
import { classifierCommand } from './classifier/command.js';
import { compareCommand } from './compare/command.js';
import { doctorCommand } from './doctor/command.js';
import { CliError } from './errors.js';
import { evaluateCommand } from './evaluate/command.js';
import { explainCommand } from './explain/command.js';
import { exportCommand } from './export/command.js';
import { generateCommand } from './generate/command.js';
import { importCommand } from './import/command.js';
import { interpolateCommand } from './interpolate/command.js';
import type { Io } from './io.js';
import { neighboursCommand } from './neighbours/command.js';
import { planCommand } from './plan/command.js';
import { trainCommand } from './train/command.js';
import { version } from './version.js';

/**
 * Runs one command line (without node and script).
 * @returns the exit code; nothing is thrown for anything a person can cause
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = new Command('pggan')
    .description('Trains and uses a progressive GAN.')
    .version(version)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .addHelpText('after', exitCodeHelp);
  const finish = (code: number) => {
    exitCode = code;
  };
  const commands = [
    trainCommand(io, finish),
    planCommand(io),
    explainCommand(io),
    evaluateCommand(io, finish),
    compareCommand(io),
    generateCommand(io),
    interpolateCommand(io),
    neighboursCommand(io),
    classifierCommand(io, finish),
    exportCommand(io),
    importCommand(io),
    doctorCommand(io),
  ];
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program).exitOverride());
  }
  try {
    await program.exitOverride().parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    printError(error, io.stderr);
    return exitCodeOf(error);
  }
}

/** Libraries know better than this program which values their options take. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  const { code } = error as { readonly code?: unknown };
  return code === 'option-invalid' ? ExitCode.usage : ExitCode.failure;
}

const exitCodeHelp = `
Exit codes:
  ${ExitCode.ok}    done
  ${ExitCode.failure}    the job failed; the message says what to do
  ${ExitCode.usage}    the command line was wrong, or an option does not fit what it is for
  ${ExitCode.interrupted}  stopped by Ctrl-C or SIGTERM after saving a snapshot
`;
