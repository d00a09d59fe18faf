import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '@pggan/files';
import { notWritable } from './folder.js';
import { runFiles } from './names.js';

/** One line of stats.jsonl: flat names, numbers or null for no finite value; `images` shown is always there. */
export interface StatsRow {
  readonly images: number;
  readonly [name: string]: number | null;
}

/** Appends to a run's log.txt (for people and the official tools) and stats.jsonl (for programs). */
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

  /** Drops rows of stats.jsonl past `images`: a run continued from a snapshot writes them again. */
  async rewind(images: number): Promise<void> {
    const path = join(this.#folder, runFiles.stats);
    try {
      const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => keep(line, images));
      await writeAtomic(path, lines.map((line) => `${line}\n`).join(''));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritable(this.#folder, error);
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

/** A line cut by a crash is dropped as well. */
function keep(line: string, images: number): boolean {
  try {
    return (JSON.parse(line) as StatsRow).images <= images;
  } catch {
    return false;
  }
}
