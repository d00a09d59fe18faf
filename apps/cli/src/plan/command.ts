import { findProblems, type PlanLimits } from '@pggan/model';
import { formatBytes } from '@pggan/terminal';
import type { Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { declarePlan, planOptionsSchema } from '../options/train.js';
import { defaultDataset, describeDataset, openDataset } from '../train/dataset.js';
import { announceDataset, planFreshRun } from '../train/fresh.js';
import { openPlace } from './measure.js';
import { requireFeasible } from './problems.js';
import { planTable } from './table.js';

/** Steps of a plan are timed thoroughly: nobody waits for a run to begin. */
const secondsPerResolution = 120;

/** `pggan plan` */
export function planCommand(io: Io) {
  return declarePlan()
    .summary('what a training run will take, before it begins')
    .description(
      'Prints the whole schedule of a training run with memory and time, found by a few steps at every resolution, ' +
        'and refuses what would fail on the way. Takes the options of train, and writes nothing.',
    )
    .action(async (raw) => {
      const options = parseOptions(planOptionsSchema, raw);
      const path = options.data ?? defaultDataset;
      const described = describeDataset(path, await openDataset(path, options.labels !== undefined));
      const place = await openPlace(options, io);
      announceDataset(path, described, io);
      const fresh = await planFreshRun(options, place, described, secondsPerResolution, io);
      const { plan, limits, config } = fresh;
      const problems = findProblems(config.training, plan, limits);
      if (options.json) {
        const result = {
          ...plan,
          limits,
          problems,
          microBatch: config.training.microBatch ?? {},
          engine: config.engine,
        };
        io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      } else {
        io.stdout.write(`${planTable(plan)}${describeLimits(limits)}`);
      }
      requireFeasible(problems, options.runs);
    });
}

function describeLimits({ memoryBytes, diskBytes }: PlanLimits): string {
  return `${formatBytes(memoryBytes)} of memory and ${formatBytes(diskBytes)} of disk to use\n`;
}
