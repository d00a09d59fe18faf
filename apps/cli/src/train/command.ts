import { findProblems, imageShape, type ResolutionMeasure } from '@pggan/model';
import { ExitCode } from '@pggan/terminal';
import type { Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { declareTrain, trainOptionsSchema, type TrainCommandOptions } from '../options/train.js';
import { shorten } from '../paths.js';
import { readMeasures, writeMeasures } from '../plan/files.js';
import { measure, openPlace } from '../plan/measure.js';
import { requireFeasible } from '../plan/problems.js';
import { writeRunConfig, type RunConfig } from '../run/config.js';
import { createRunFolder, describeRun, notWritable, requireWritable } from '../run/folder.js';
import { RunLog } from '../run/log.js';
import { markRunning } from '../run/marker.js';
import { defaultDataset, describeDataset, openDataset, requireSameDataset } from './dataset.js';
import { announceDataset, describeEngine, planFreshRun } from './fresh.js';
import { findResumedRun, loadResumedState } from './resume.js';
import { trainSession, type SessionResult } from './session.js';
import { summarize } from './summary.js';

/** `pggan train`; `finish` takes the exit code of a run that ended without an error. */
export function trainCommand(io: Io, finish: (code: number) => void) {
  return declareTrain()
    .summary('train a model on a dataset, progressively from 4x4 up')
    .description('Trains a model on a dataset, progressively from 4x4 up, in a new numbered run folder.')
    .action(async (raw) => {
      const options = parseOptions(trainOptionsSchema, raw);
      const { name, result } =
        options.resume === undefined ? await startRun(options, io) : await resumeRun(options, io);
      io.stderr.write(summarize(name, result, io));
      if (options.json) io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      finish(result.finished ? ExitCode.ok : ExitCode.interrupted);
    });
}

interface Outcome {
  /** Path of the run folder, for people. */
  readonly name: string;
  readonly result: SessionResult;
}

const clock = () => performance.now() / 1000;

/** Steps believed to take longer are not timed before a run: it shows soon enough. */
const secondsPerResolution = 15;

async function startRun(options: TrainCommandOptions, io: Io): Promise<Outcome> {
  const path = options.data ?? defaultDataset;
  const described = describeDataset(path, await openDataset(path, options.labels !== undefined));
  await requireWritable(options.runs);
  const place = await openPlace(options, io);
  announceDataset(path, described, io);
  const { config, measures, plan, limits } = await planFreshRun(
    options,
    place,
    described,
    secondsPerResolution,
    io,
  );
  requireFeasible(findProblems(config.training, plan, limits), options.runs);
  const run = await createRunFolder(
    options.runs,
    describeRun(described.name, imageShape(config.training.network)),
  );
  return await runInFolder(run.path, config, measures, undefined, io);
}

async function resumeRun(options: TrainCommandOptions, io: Io): Promise<Outcome> {
  const resumed = await findResumedRun(options);
  const { found, config } = resumed;
  const path = options.data ?? config.dataset.path;
  const described = describeDataset(path, await openDataset(path));
  requireSameDataset(described, config.dataset, found.folder);
  await requireWritable(found.newest ? found.folder : options.runs);
  const place = await openPlace({ ...options, backend: options.backend ?? config.engine.backend }, io);
  const { engine } = place;
  if (engine.backend !== config.engine.backend) {
    io.stderr.write(
      `the run began on ${config.engine.backend}; on ${engine.backend} it continues, equal up to rounding\n`,
    );
  }
  announceDataset(path, described, io);
  const { state, training } = await loadResumedState(resumed, options.kimg);
  io.stderr.write(
    `continuing ${shorten(found.path)} at ${state.progress.nimg / 1000} of ${training.totalKimg} kimg\n`,
  );
  const next: RunConfig = { ...config, training, dataset: described, engine: describeEngine(engine) };
  const kept = await readMeasures(found.folder, engine.backend);
  const measures =
    kept.length > 0 ? kept : await measure(training, place, { split: false, secondsPerResolution }, io);
  if (found.newest) return await runInFolder(found.folder, next, measures, state, io);
  // Going on from an older checkpoint in place would mix two histories in one folder.
  const branch = await createRunFolder(
    options.runs,
    describeRun(described.name, imageShape(training.network)),
  );
  return await runInFolder(branch.path, { ...next, branchedFrom: found.path }, measures, state, io);
}

async function runInFolder(
  folder: string,
  config: RunConfig,
  measures: readonly ResolutionMeasure[],
  state: Awaited<ReturnType<typeof loadResumedState>>['state'] | undefined,
  io: Io,
): Promise<Outcome> {
  const log = new RunLog(folder);
  try {
    await writeRunConfig(folder, config);
    await writeMeasures(folder, config.engine.backend, measures);
  } catch (error) {
    throw notWritable(folder, error);
  }
  if (state) await log.rewind(state.progress.nimg);
  const { dataset, engine, training } = config;
  await log.line(
    `pggan ${config.pggan}, ${engine.backend} ${engine.tensorflowVersion ?? ''}`.trimEnd() +
      `, ${dataset.name}: ${dataset.count} images, ` +
      (state ? `continued at ${state.progress.nimg / 1000}` : 'from 0') +
      ` to ${training.totalKimg} kimg`,
  );
  const opened = await openDataset(dataset.path, training.network.labelSize > 0);
  const reader = opened.reader({ seed: training.seed });
  const name = shorten(folder);
  io.stderr.write(`run folder: ${name}\n`);
  const unmark = await markRunning(folder);
  try {
    const result = await trainSession({
      folder,
      training,
      reader,
      ...(state ? { state } : {}),
      speeds: measures,
      io,
      clock,
    });
    return { name, result };
  } finally {
    await unmark();
    await reader.close();
  }
}
