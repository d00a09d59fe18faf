import { join } from 'node:path';
import { stat } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { readRecords, requireComparable, type MetricRecord } from '@pggan/metrics';
import { z } from 'zod';
import { CliError } from '../errors.js';
import { invocation, type Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { numberOption, textOption } from '../options/values.js';
import { findRun } from '../run/find.js';
import { runFiles, snapshotKimg } from '../run/names.js';
import { describeComparison, type Pair } from './text.js';

const schema = z.strictObject({
  runs: textOption.default('runs'),
  metric: textOption.optional(),
  kimg: numberOption({ from: 0 }).optional(),
  json: z.boolean().default(false),
});
type Options = z.output<typeof schema>;

/** `pggan compare`: numbers of two evaluations beside each other, if they are alike. */
export function compareCommand(io: Io) {
  return new Command('compare')
    .summary('compare what was measured of two runs')
    .description(
      'Shows the numbers that pggan evaluate has measured of two runs beside each other, with their difference and how far ' +
        'that may be off. Refuses numbers that were made in different ways: of other real images, of another number of ' +
        'images, by another network or resizer.',
    )
    .argument('<one>', "a run's folder or number, or a metrics.jsonl")
    .argument('<other>', 'the same')
    .option('--metric <name>', 'only this one, such as swd16k (default: all that both have)')
    .option('--kimg <n>', 'the snapshots of so many kimg (default: the newest that was measured)')
    .option('--runs <dir>', 'where run folders are (default: runs)')
    .option('--json', 'print the pairs of records as JSON')
    .addHelpText('after', examples)
    .action(async (one, other, raw) => {
      const options = parseOptions(schema, raw);
      const paths = [await recordsOf(one, options.runs), await recordsOf(other, options.runs)] as const;
      const all = [await measured(paths[0]), await measured(paths[1])] as const;
      const [left, right] = [newest(all[0], options), newest(all[1], options)];
      const pairs = [...left].flatMap(([metric, record]): Pair[] => {
        const counterpart = right.get(metric);
        return counterpart === undefined ? [] : [{ one: record, other: counterpart, told: [] }];
      });
      if (pairs.length === 0)
        throw new CliError(
          'metrics-missing',
          `nothing to compare${wanted(options)}: ${paths[0]} has ${contents(all[0])}; ${paths[1]} has ${contents(all[1])}. Measure the same with ${invocation(io, 'evaluate')} --metrics`,
        );
      const compared = pairs.map((pair) => ({ ...pair, told: requireComparable(pair.one, pair.other) }));
      io.stdout.write(
        options.json ? `${JSON.stringify(compared, null, 2)}\n` : describeComparison(one, other, compared),
      );
    });
}

async function recordsOf(what: string, runs: string): Promise<string> {
  const stats = await stat(what).catch(() => undefined);
  if (stats?.isFile() === true) return what;
  if (stats === undefined && what.endsWith('.jsonl'))
    throw new CliError('metrics-missing', `${what}: there is no such file`);
  return join(await findRun(what, runs), runFiles.metrics);
}

/** Records of what was measured rather than of the reals. */
async function measured(path: string): Promise<MetricRecord[]> {
  const records = await readRecords(path);
  return records.filter(({ subject: { kind } }) => kind !== 'reals' && kind !== 'reals2');
}

/** NaN where nothing says it; of imported weights the name alone may. */
const kimgOf = ({ subject }: MetricRecord) => subject.kimg ?? snapshotKimg(subject.name);

/** The newest record of every metric that is asked for; of equally old ones the last. */
function newest(records: readonly MetricRecord[], { metric, kimg }: Options): Map<string, MetricRecord> {
  const found = new Map<string, MetricRecord>();
  for (const record of records) {
    if (metric !== undefined && record.metric !== metric) continue;
    // A snapshot of 6.144 kimg is called 000006: both are meant by people.
    if (kimg !== undefined && ![record.subject.kimg, snapshotKimg(record.subject.name)].includes(kimg))
      continue;
    const before = found.get(record.metric);
    if (before === undefined || (kimgOf(record) || 0) >= (kimgOf(before) || 0))
      found.set(record.metric, record);
  }
  return found;
}

function wanted({ metric, kimg }: Options): string {
  return `${metric === undefined ? '' : ` of ${metric}`}${kimg === undefined ? '' : ` at ${kimg} kimg`}`;
}

/** `fid50k (4000, 6000 kimg), swd16k (6000 kimg)`. */
function contents(records: readonly MetricRecord[]): string {
  const metrics = [...new Set(records.map(({ metric }) => metric))];
  const lists = metrics.map((metric) => {
    const own = records.filter((record) => record.metric === metric);
    const kimg = [...new Set(own.map(kimgOf))].filter(Number.isFinite).sort((a, b) => a - b);
    const others = own
      .filter((record) => !Number.isFinite(kimgOf(record)))
      .map(({ subject }) => subject.name);
    const places = [...(kimg.length > 0 ? [`${kimg.join(', ')} kimg`] : []), ...new Set(others)];
    return `${metric} (${places.join(', ')})`;
  });
  return lists.length === 0 ? 'no numbers' : lists.join(', ');
}

const examples = `
Examples:
  pggan compare 3 4                                the newest snapshots of runs 3 and 4
  pggan compare 3 4 --metric fid50k --kimg 6000    at the same length
  pggan compare runs/00003-people-64x64 theirs/metrics.jsonl
`;
