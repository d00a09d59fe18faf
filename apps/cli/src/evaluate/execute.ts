import { join, resolve } from 'node:path';
import { makeFolder, writeAtomic } from '@pggan/files';
import { MetricsError } from '@pggan/metrics';
import { onInterrupt } from '@pggan/terminal';
import { clockOf, type Io } from '../io.js';
import { notWritable } from '../run/folder.js';
import { runFiles } from '../run/names.js';
import { shorten } from '../paths.js';
import { RowBar } from './bar.js';
import { openEvaluator } from './evaluator.js';
import { openNetworks } from './networks.js';
import type { EvaluateOptions } from './options.js';
import type { EvaluationPlan, PlannedRow } from './plan.js';
import { RowRecorder, type Row } from './rows.js';
import { describeParts, describeRows, officialTable, tableName } from './text.js';

/**
 * Measures what is planned, row by row.
 * @returns false when Ctrl-C stopped it; the rows before are kept where there is a folder for them
 * @throws MetricsError, CliError
 */
export async function executePlan(plan: EvaluationPlan, options: EvaluateOptions, io: Io): Promise<boolean> {
  const clock = clockOf(io);
  const bar = new RowBar(io, clock);
  const interrupt = onInterrupt((line) => bar.log(line));
  const out = options.out === undefined ? plan.out : resolve(options.out);
  const networks = await openNetworks(options);
  try {
    const evaluator = await openEvaluator(
      {
        metrics: options.metrics ?? plan.metrics,
        shape: plan.shape,
        available: plan.set?.count ?? null,
        reals: plan.reals,
        ...networks,
        seed: options.seed,
        repeats: options.repeats,
        cache: options.cache,
        workers: options.workers,
        signal: interrupt.signal,
        clock,
        onProgress: (progress) => bar.update(progress),
      },
      io,
    );
    if (plan.set !== null) {
      evaluator.requireEnough(plan.set);
      const sets = plan.reals === null ? [plan.set] : [plan.set, plan.reals];
      const parts = sets.flatMap((set) => describeParts(evaluator.metrics, set, options.repeats));
      for (const line of parts) io.stderr.write(`${line}\n`);
    }
    if (out !== null)
      await makeFolder(out).catch((error: unknown) => Promise.reject(notWritable(out, error, '--out')));
    const recorder = await RowRecorder.open(evaluator, out === null ? null : join(out, runFiles.metrics));
    const rows: Row[] = [];
    for (const [i, planned] of plan.rows.entries()) {
      bar.begin(i, plan.rows.length);
      const row = await measureRow(recorder, planned, bar);
      if (row === undefined) continue;
      rows.push(row);
      bar.end(row);
      if (options.json) for (const record of row.records) io.stdout.write(`${JSON.stringify(record)}\n`);
      if (out !== null) await writeTables(out, rows);
    }
    bar.stop();
    if (!options.json) io.stdout.write(describeRows(rows));
    if (out !== null) io.stderr.write(`${shorten(join(out, runFiles.metrics))}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof MetricsError) || error.code !== 'interrupted') throw error;
    bar.stop();
    io.stderr.write(out === null ? 'stopped\n' : 'stopped; the same command goes on after the rows above\n');
    return false;
  } finally {
    bar.stop();
    interrupt.dispose();
    await networks.close();
  }
}

/** Undefined when there are not enough real images for a second row of them. */
async function measureRow(recorder: RowRecorder, planned: PlannedRow, bar: RowBar): Promise<Row | undefined> {
  try {
    return await recorder.row(planned);
  } catch (error) {
    if (planned.kind !== 'reals2' || !(error instanceof MetricsError) || error.code !== 'too-few')
      throw error;
    bar.log(`no row Reals2, which would say how far apart real images are: ${error.message}`);
    return undefined;
  }
}

/** The official log of every metric, as far as it goes. */
async function writeTables(folder: string, rows: readonly Row[]): Promise<void> {
  const metrics = new Set(rows.flatMap(({ records }) => records.map(({ metric }) => metric)));
  for (const metric of metrics) {
    const own = rows.flatMap((row) =>
      row.records.filter((record) => record.metric === metric).map((record) => [row, record] as const),
    );
    try {
      await writeAtomic(join(folder, tableName(metric)), officialTable(own));
    } catch (error) {
      throw notWritable(folder, error, '--out');
    }
  }
}
