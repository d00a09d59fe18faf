import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricRecord } from '@pggan/metrics';
import type { TrainingProgress } from '@pggan/model';
import { writeAtomic } from '@pggan/files';
import type { EventRow } from './events.js';
import { notWritable } from './folder.js';
import { runFiles } from './names.js';

/** One line of stats.jsonl: flat names, numbers or null for no finite value; `images` shown is always there. */
export interface StatsRow {
  readonly images: number;
  readonly [name: string]: number | null;
}

/** Where a state stands. */
export type Position = Pick<TrainingProgress, 'nimg' | 'tick'>;

/** The log of one run: log.txt for people and the official tools, stats.jsonl and events.jsonl for programs. */
export class RunLog {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async line(text: string): Promise<void> {
    await this.#append(runFiles.log, text);
  }

  async stats(row: StatsRow): Promise<void> {
    await this.#append(runFiles.stats, JSON.stringify(row));
  }

  async event(row: EventRow): Promise<void> {
    await this.#append(runFiles.events, JSON.stringify(row));
  }

  /** The rows of stats.jsonl, without a line that a crash cut. */
  async readStats(): Promise<StatsRow[]> {
    return parseRows<StatsRow>(await this.#read(runFiles.stats));
  }

  /** The rows of events.jsonl, likewise. */
  async readEvents(): Promise<EventRow[]> {
    return parseRows<EventRow>(await this.#read(runFiles.events));
  }

  /**
   * Drops what a run that goes on from an earlier state will write again: its ticks and measurements after that, and
   * events past number `events`; absent = all events stay. Lines that a crash cut are dropped as well.
   */
  async rewind({ nimg, tick }: Position, events = Infinity): Promise<void> {
    await this.#rewrite(runFiles.stats, (text) =>
      parseRows<StatsRow>(text)
        .filter(({ images }) => images <= nimg)
        .map((row) => JSON.stringify(row)),
    );
    await this.#rewrite(runFiles.events, (text) =>
      parseRows<EventRow>(text)
        .filter(({ number }) => number <= events)
        .map((row) => JSON.stringify(row)),
    );
    await this.#rewrite(runFiles.metrics, (text) =>
      parseRows<MetricRecord>(text)
        .filter(({ subject }) => subject.kind !== 'snapshot' || imagesOf(subject.kimg ?? 0) <= nimg)
        .map((row) => JSON.stringify(row)),
    );
    await this.#rewrite(runFiles.log, (text) =>
      text
        .split('\n')
        .slice(0, -1)
        .filter((line) => Number(/^tick (\d+)/.exec(line)?.[1] ?? 0) <= tick)
        .filter((line) => imagesOf(Number(/^metrics at ([\d.]+) kimg/.exec(line)?.[1] ?? 0)) <= nimg),
    );
  }

  /** Leaves a file alone that says what it should, and one that is not there. */
  async #rewrite(file: string, lines: (text: string) => readonly string[]): Promise<void> {
    const before = await this.#read(file);
    const after = lines(before)
      .map((line) => `${line}\n`)
      .join('');
    if (after === before) return;
    try {
      await writeAtomic(join(this.#folder, file), after);
    } catch (error) {
      throw notWritable(this.#folder, error);
    }
  }

  /** Nothing, where there is no such file. */
  async #read(file: string): Promise<string> {
    try {
      return await readFile(join(this.#folder, file), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw notWritable(this.#folder, error);
    }
  }

  async #append(file: string, text: string): Promise<void> {
    try {
      await appendFile(join(this.#folder, file), `${text}\n`);
    } catch (error) {
      throw notWritable(this.#folder, error);
    }
  }
}

/** Images are whole, thousandths of them not always. */
const imagesOf = (kimg: number) => Math.round(kimg * 1000);

function parseRows<Row>(text: string): Row[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Row];
    } catch {
      return [];
    }
  });
}
