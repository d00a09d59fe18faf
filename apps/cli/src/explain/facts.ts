import { access, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ResolutionMeasure } from '@pggan/model';
import { readMeasures } from '../plan/files.js';
import { readRunConfig, type RunConfig } from '../run/config.js';
import type { EventRow } from '../run/events.js';
import { RunLog, type StatsRow } from '../run/log.js';
import { findRunner, type Runner } from '../run/marker.js';
import { runFiles, sortCheckpoints } from '../run/names.js';

/** What the files of a run folder say. */
export interface RunFacts {
  readonly name: string;
  readonly folder: string;
  readonly config: RunConfig;
  readonly runner: Runner;
  /** Whether it reached its end. */
  readonly done: boolean;
  readonly rows: readonly StatsRow[];
  readonly events: readonly EventRow[];
  readonly measures: readonly ResolutionMeasure[];
  /** Names, oldest first. */
  readonly checkpoints: readonly string[];
  /** When the last tick was logged, milliseconds since 1970; absent before the first. */
  readonly loggedAt?: number;
}

/** @throws CliError `run-missing` or `config-invalid` for a folder that holds no run of ours */
export async function readRunFacts(folder: string): Promise<RunFacts> {
  const config = await readRunConfig(folder);
  const log = new RunLog(folder);
  const [runner, names, rows, events, measures] = await Promise.all([
    findRunner(folder),
    readdir(folder),
    log.readStats(),
    log.readEvents(),
    readMeasures(folder, config.engine.backend),
  ]);
  const logged = rows.length > 0 ? await stat(join(folder, runFiles.stats)) : undefined;
  const done = await access(join(folder, runFiles.done)).then(
    () => true,
    () => false,
  );
  return {
    name: basename(folder),
    folder,
    config,
    runner,
    done,
    rows,
    events,
    measures,
    checkpoints: sortCheckpoints(names),
    ...(logged ? { loggedAt: logged.mtimeMs } : {}),
  };
}
