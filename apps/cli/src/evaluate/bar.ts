import type { EvaluationProgress } from '@pggan/metrics';
import { createProgress, formatDuration, type Progress } from '@pggan/terminal';
import type { Io } from '../io.js';
import type { Row } from './rows.js';
import { describeRow } from './text.js';

const titles = { reals: 'describe reals', read: 'images', compare: 'compare' } as const;
const units = { reals: 'images', read: 'images', compare: 'steps' } as const;

/** A bar for each part of a row, and a line for each row that says when the last one will be there. */
export class RowBar {
  #bar: { readonly title: string; readonly progress: Progress } | undefined;
  #place = '';
  #left = 0;
  #begun = 0;
  readonly #seconds: number[] = [];

  constructor(
    private readonly io: Io,
    private readonly clock: () => number,
  ) {}

  begin(row: number, rows: number): void {
    this.#place = `row ${row + 1} of ${rows}`;
    this.#left = rows - row - 1;
    this.#begun = this.clock();
  }

  update({ stage, done, total }: EvaluationProgress): void {
    const title = `${this.#place}, ${titles[stage]}`;
    if (this.#bar?.title !== title) {
      this.#bar?.progress.stop();
      const { stderr, clock } = this.io;
      const progress = createProgress({
        title,
        unit: units[stage],
        stream: stderr,
        ...(clock ? { clock } : {}),
      });
      this.#bar = { title, progress };
    }
    this.#bar.progress.update(done, total ?? undefined);
  }

  end(row: Row): void {
    this.stop();
    if (row.measured) this.#seconds.push(this.clock() - this.#begun);
    // The first row of a model is slower than its last: there the reals are read.
    const perRow = this.#seconds.at(-1);
    const left =
      this.#left === 0 || perRow === undefined
        ? ''
        : `; ${this.#left} left, up to ${formatDuration(this.#left * perRow)}`;
    this.io.stderr.write(`${describeRow(row)}${left}\n`);
  }

  log(line: string): void {
    if (this.#bar) this.#bar.progress.log(line);
    else this.io.stderr.write(`${line}\n`);
  }

  stop(): void {
    this.#bar?.progress.stop();
    this.#bar = undefined;
  }
}
