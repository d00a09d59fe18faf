import {
  compareSettings,
  findProblems,
  imageShape,
  type ResolutionMeasure,
  type SettingDifference,
  type TrainingState,
} from '@pggan/model';
import { ExitCode } from '@pggan/terminal';
import { CliError } from '../errors.js';
import { clockOf, type Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { declareTrain, trainOptionsSchema, type TrainCommandOptions } from '../options/train.js';
import { shorten } from '../paths.js';
import { readMeasures, writeMeasures } from '../plan/files.js';
import { measure, openPlace } from '../plan/measure.js';
import { requireFeasible } from '../plan/problems.js';
import { describeOrigin, writeRunConfig, type RunConfig } from '../run/config.js';
import { createRunFolder, describeRun, notWritable, requireWritable } from '../run/folder.js';
import { markRunning } from '../run/marker.js';
import { describeDifferences, engineResumeRules } from './changes.js';
import { defaultDataset, describeDataset, openDataset, requireSameDataset } from './dataset.js';
import { announceDataset, describeEngine, planFreshRun, retentionOptions } from './fresh.js';
import { findResumedRun, loadResumedState, resumeTraining } from './resume.js';
import { metricsOptions, TrainingMetrics } from './metrics.js';
import { trainSession, type SessionResult } from './session.js';
import { summarize } from './summary.js';

/** `pggan train`; `finish` takes the exit code of a run that ended without an error. */
export function trainCommand(io: Io, finish: (code: number) => void) {
  return declareTrain()
    .summary('train a model on a dataset, progressively from 4x4 up')
    .description('Trains a model on a dataset, progressively from 4x4 up, in a new numbered run folder.')
    .action(async (raw) => {
      const options = parseOptions(trainOptionsSchema, raw);
      const { name, result } = await (
        options.resume === undefined ? startRun(options, io) : resumeRun(options, io)
      ).catch((error: unknown) => {
        if (options.json && error instanceof CliError) {
          const { code, message, details } = error;
          io.stdout.write(`${JSON.stringify({ error: { code, message, ...details } }, null, 2)}\n`);
        }
        throw error;
      });
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
  const measuring = { ...config, metrics: metricsOptions(options, null) };
  return await withMetrics(measuring, io, async (metrics) => {
    const run = await createRunFolder(
      options.runs,
      describeRun(described.name, imageShape(config.training.network)),
    );
    return await runInFolder(run.path, measuring, { measures, metrics }, undefined, io);
  });
}

async function resumeRun(options: TrainCommandOptions, io: Io): Promise<Outcome> {
  const resumed = await findResumedRun(options);
  const { found, config, head } = resumed;
  const path = options.data ?? config.dataset.path;
  const withLabels = options.labels !== undefined || head.options.network.labelSize > 0;
  const described = describeDataset(path, await openDataset(path, withLabels));
  requireSameDataset(described, config.dataset, found.folder);
  const { training, changes } = resumeTraining(resumed, options, described);
  await requireWritable(found.newest ? found.folder : options.runs);
  // The engine as it was: with as many threads elsewhere, sums come out the same.
  const { backend = config.engine.backend, threads = config.engine.threads } = options;
  const place = await openPlace({ ...options, backend, threads }, io);
  const engine = describeEngine(place.engine);
  changes.push(...compareSettings({ engine: config.engine }, { engine }, engineResumeRules));
  announceDataset(path, described, io);
  const state = await loadResumedState(resumed, training);
  io.stderr.write(
    `continuing ${shorten(found.path)} at ${state.progress.nimg / 1000} of ${training.totalKimg} kimg\n`,
  );
  if (changes.length > 0) io.stderr.write(`settings that differ:\n${describeDifferences(changes)}\n`);
  const snapshots = { ...config.snapshots, ...retentionOptions(options) };
  const metrics = metricsOptions(options, config.metrics);
  const next: RunConfig = { ...config, training, dataset: described, engine, snapshots, metrics };
  const kept = await readMeasures(found.folder, engine.backend);
  const measures =
    kept.length > 0 ? kept : await measure(training, place, { split: false, secondsPerResolution }, io);
  const continued = { state, changes };
  return await withMetrics(next, io, async (opened) => {
    const equipment = { measures, metrics: opened };
    if (found.newest) return await runInFolder(found.folder, next, equipment, continued, io);
    // Going on from an older checkpoint in place would mix two histories in one folder.
    const branch = await createRunFolder(
      options.runs,
      describeRun(described.name, imageShape(training.network)),
    );
    return await runInFolder(branch.path, { ...next, branchedFrom: found.path }, equipment, continued, io);
  });
}

/** Opens what a run measures on the way for as long as `work` takes. */
async function withMetrics<Result>(
  config: RunConfig,
  io: Io,
  work: (metrics: TrainingMetrics | undefined) => Promise<Result>,
): Promise<Result> {
  const metrics = await TrainingMetrics.open(config, io, clockOf(io));
  try {
    return await work(metrics);
  } finally {
    await metrics?.close();
  }
}

/** What a session has beside its configuration. */
interface Equipment {
  readonly measures: readonly ResolutionMeasure[];
  readonly metrics: TrainingMetrics | undefined;
}

/** Where a run goes on from. */
interface Continued {
  readonly state: TrainingState;
  readonly changes: readonly SettingDifference[];
}

async function runInFolder(
  folder: string,
  config: RunConfig,
  { measures, metrics }: Equipment,
  continued: Continued | undefined,
  io: Io,
): Promise<Outcome> {
  try {
    await writeRunConfig(folder, config);
    await writeMeasures(folder, config.engine.backend, measures);
  } catch (error) {
    throw notWritable(folder, error);
  }
  const { dataset, engine, training, snapshots } = config;
  const banner =
    `pggan ${config.pggan}, ${engine.backend} ${engine.tensorflowVersion ?? ''}`.trimEnd() +
    `, ${dataset.name}: ${dataset.count} images, ` +
    (continued ? `continued at ${continued.state.progress.nimg / 1000}` : 'from 0') +
    ` to ${training.totalKimg} kimg`;
  const opened = await openDataset(dataset.path, training.network.labelSize > 0);
  const reader = opened.reader({ seed: training.seed });
  const name = shorten(folder);
  io.stderr.write(`run folder: ${name}\n`);
  const unmark = await markRunning(folder);
  try {
    const clock = clockOf(io);
    // Headers of safetensors hold text only.
    const { dataset: of, ...origin } = describeOrigin(config);
    const notes = { ...origin, dataset: JSON.stringify(of) };
    const recording = { folder, training, retention: snapshots, notes, banner };
    const session = { ...recording, reader, speeds: measures, metrics, io, clock };
    return { name, result: await trainSession({ ...session, ...continued }) };
  } finally {
    await unmark();
    await reader.close();
  }
}
