import { Command } from '@commander-js/extra-typings';
import { z } from 'zod';
import type { Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { textOption } from '../options/values.js';
import { findRun } from '../run/find.js';
import { readRunFacts } from './facts.js';
import { reportRun } from './report.js';
import { describeRun } from './text.js';

const optionsSchema = z.strictObject({
  run: textOption.optional(),
  runs: textOption.default('runs'),
  json: z.boolean().default(false),
});

/** `pggan explain` */
export function explainCommand(io: Io) {
  return new Command('explain')
    .summary('where a run is and what comes next')
    .description(
      'Says in plain words where a run is, what comes next, what it was trained on, and whether it is running.',
    )
    .argument('[run]', "a run's number, name or folder (default: the newest)")
    .option('--runs <dir>', 'where run folders are (default: runs)')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExamples:\n  pggan explain\n  pggan explain 3 --json\n')
    .action(async (run, raw) => {
      const options = parseOptions(optionsSchema, { ...raw, run });
      const report = reportRun(await readRunFacts(await findRun(options.run ?? true, options.runs)));
      io.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : describeRun(report, io));
    });
}
