/** Rows of an evaluation: measured, or taken from what was recorded before. */
import {
  appendRecords,
  metricName,
  readRecords,
  type Evaluator,
  type Metric,
  type MetricRecord,
  type Subject,
} from '@pggan/metrics';
import type { PlannedRow } from './plan.js';

export interface Row {
  readonly subject: Subject;
  readonly records: readonly MetricRecord[];
  /** Whether anything was computed for it. */
  readonly measured: boolean;
}

/** Records of an evaluation, on disk when there is a file for them. */
export class RowRecorder {
  private constructor(
    private readonly evaluator: Evaluator,
    private readonly path: string | null,
    private readonly known: MetricRecord[],
  ) {}

  /** @throws MetricsError `records-invalid` */
  static async open(evaluator: Evaluator, path: string | null): Promise<RowRecorder> {
    return new RowRecorder(evaluator, path, path === null ? [] : await readRecords(path));
  }

  async row(planned: PlannedRow): Promise<Row> {
    const { subject, set, close } = await planned.open();
    try {
      const missing = this.evaluator.metrics.filter((metric) => this.#find(metric, subject) === undefined);
      if (missing.length > 0) {
        const records = await this.evaluator.measure(subject, set, missing);
        if (this.path !== null) await appendRecords(this.path, records);
        this.known.push(...records);
      }
      const records = this.evaluator.metrics.flatMap((metric) => this.#find(metric, subject) ?? []);
      return { subject, records, measured: missing.length > 0 };
    } finally {
      close();
    }
  }

  #find(metric: Metric, subject: Subject): MetricRecord | undefined {
    const name = metricName(metric);
    return this.known.findLast(
      (record) => record.metric === name && this.evaluator.isSame(record, metric, subject),
    );
  }
}
