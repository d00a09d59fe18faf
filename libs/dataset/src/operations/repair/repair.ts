/** Makes a damaged dataset what it was: only broken files are replaced, each at once and by what the index says. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from '../../pipeline/manifest.js';
import {
  formatIndex,
  indexedFiles,
  indexName,
  type DatasetIndex,
  type LevelIndex,
  type StoredFile,
} from '../../records/index-file.js';
import { findingCodes, Findings, type FindingCode } from '../verify/findings.js';
import { foundLayout } from '../verify/found-layout.js';
import { indexedLayout } from '../verify/layout.js';
import { presence } from '../verify/probe.js';
import { correctedIndex, indexFromFiles, type IndexContext } from './rebuild-index.js';
import { rebuildShard, type Rebuilt } from './rebuild-shard.js';
import { checkCopy, copyFault, indexOfCopy } from './copy.js';
import { indexOf, isBare, lostParts, salvageIndex, type RecordedPart } from './salvage-index.js';
import { throwIfAborted } from '../verify/record-chunks.js';
import { sheetName } from '../../pipeline/sheet.js';
import { redrawSheet } from './redraw-sheet.js';
import { replaceFile, Replacement } from './replacement.js';
import { hashFile } from '../verify/verify-files.js';
import { listFolder, loadIndex, verifyAgainst, type VerifyReport } from '../verify/verify.js';

export interface RepairOptions {
  readonly from?: string; // folder of a copy of the dataset; files are taken from it if their SHA-256 is right
  /** Images of these records at the full size, uint8 CHW, in this order, made again from the source pictures. */
  readonly remakeImages?: (index: DatasetIndex, records: readonly number[]) => AsyncIterable<Uint8Array>;
  readonly dryRun?: boolean; // find out what can be repaired, write nothing
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: 'verify' | 'repair', done: number, total: number) => void; // bytes; files
}

export type RepairMethod =
  | 'copied' // from the copy
  | 'rebuilt' // level file: from its sound records, the largest level, the pictures; index: from the files
  | 'redrawn'; // contact sheet

export interface RepairedFile {
  readonly file: string;
  readonly method: RepairMethod;
  readonly records: Rebuilt | null; // of a level file that was rebuilt: where its records came from
  readonly lost?: readonly RecordedPart[]; // of an index that was rebuilt: what nothing tells any more
}

export interface UnrepairedFile {
  readonly file: string;
  readonly why: string;
  readonly advice: string; // what would help
}

export interface RepairReport {
  readonly directory: string;
  readonly dryRun: boolean;
  readonly repaired: readonly RepairedFile[]; // in a dry run: what would be
  readonly unrepaired: readonly UnrepairedFile[];
  readonly sound: boolean; // nothing is left to repair
}

/** Damage that says: this file is not what was written. The rest a dataset may have had from its beginning. */
const asWritten = (codes: readonly FindingCode[]) => codes.map((code) => findingCodes[code]).join('; ');

class Repair {
  readonly repaired: RepairedFile[] = [];
  readonly unrepaired: UnrepairedFile[] = [];
  readonly #command: string;
  #copyIs = ''; // why the copy's file was not taken; goes behind a message

  constructor(
    private readonly directory: string,
    private readonly options: RepairOptions,
  ) {
    this.#command = `prep repair ${directory} --from COPY`;
  }

  async run(): Promise<void> {
    const { directory } = this;
    const before = new Findings(0);
    const present = await listFolder(directory);
    const found = await loadIndex(directory, before);
    if (this.options.from !== undefined) await checkCopy(directory, found, this.options.from);
    let report = await this.#verify(present, found, before);
    const index = await this.#soundIndex(present, found, report);
    if (!index) return;
    if (index !== found) report = await this.#verify(present, index, new Findings(0));

    const damaged = Object.keys(report.damaged).filter((name) => name !== indexName);
    const order = this.#order(index, damaged);
    for (const [i, name] of order.entries()) {
      throwIfAborted(this.options.signal);
      this.options.onProgress?.('repair', i, order.length);
      await this.#repairFile(index, name, report.damaged[name]!);
      this.options.onProgress?.('repair', i + 1, order.length);
    }
  }

  #verify(
    present: readonly string[],
    index: DatasetIndex | undefined,
    findings: Findings,
  ): Promise<VerifyReport> {
    const { onProgress, signal } = this.options;
    return verifyAgainst(this.directory, present, index, findings, {
      sha256: true,
      ...(signal ? { signal } : {}),
      onProgress: (done, total) => onProgress?.('verify', done, total),
    });
  }

  /** What others are made from goes first: the manifest for pictures, the largest level for smaller ones and the sheet. */
  #order(index: DatasetIndex, names: readonly string[]): string[] {
    const levelFiles = index.levels.flatMap(({ shards }) => shards.map(({ file }) => file));
    const rank = (name: string) => {
      const place = levelFiles.indexOf(name);
      return place >= 0 ? 1 + place : name === sheetName ? Infinity : 0;
    };
    return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }

  #fail(file: string, why: string, advice: string): void {
    this.unrepaired.push({ file, why, advice });
  }

  /** The index to repair by: the one that is there, or a better one, which takes its place. */
  async #soundIndex(
    present: readonly string[],
    found: DatasetIndex | undefined,
    report: VerifyReport,
  ): Promise<DatasetIndex | undefined> {
    const { directory } = this;
    const { signal } = this.options;
    const wrong = !found || report.damaged[indexName] !== undefined;
    if (!wrong && !(await this.#doubtful(found, report))) return (await this.#fullerIndex(found)) ?? found;

    const findings = new Findings(0);
    const levelFiles = present.filter((name) => name.endsWith('.tfrecords'));
    const bare = await this.#verify(present, undefined, findings);
    const layout = await foundLayout(directory, levelFiles, new Findings(0));
    if (wrong) {
      const copied = await this.#copiedIndex(bare, levelFiles);
      if (copied) return copied;
    }
    if (!layout) {
      this.#fail(indexName, `no level file has a sound image${this.#copyIs}`, this.#command);
      return undefined;
    }
    const context: IndexContext = { directory, present, signal, layout, report: bare };
    const loose = found ?? (await salvageIndex(directory));
    const whole = found ?? indexOf(loose);
    const index = whole
      ? await correctedIndex(context, whole)
      : await indexFromFiles(context, loose, [manifestName, sheetName]);
    if (typeof index === 'string') {
      if (!wrong) return found;
      const why = `${found ? findingCodes['index-wrong'] : 'it is missing or no index we know'}; ${index}`;
      this.#fail(indexName, `${why}${this.#copyIs}`, this.#command);
      return undefined;
    }
    const text = formatIndex(index);
    // With damage that no file tells of, what it says now is all that is known.
    if (found && text === formatIndex(found) && !report.counts['index-damaged']) return found;
    await this.#writeIndex(Buffer.from(text));
    const lost = lostParts(index, loose);
    this.repaired.push({
      file: indexName,
      method: 'rebuilt',
      records: null,
      ...(lost.length > 0 ? { lost } : {}),
    });
    return index;
  }

  /** The copy's index, if it tells of a sound one's files what that does not: an index was once made anew. */
  async #fullerIndex(index: DatasetIndex): Promise<DatasetIndex | undefined> {
    const { from } = this.options;
    if (from === undefined || !isBare(index)) return undefined;
    const theirs = await indexOfCopy(from);
    if (!theirs || isBare(theirs)) return undefined;
    const files = (each: DatasetIndex) =>
      indexedFiles(each)
        .map(({ file, sha256 }) => `${sha256} ${file}`)
        .join('\n');
    if (files(theirs) !== files(index)) return undefined;
    return this.#takeIndex(from, theirs);
  }

  /** Whether a file that does not fit the index is the one that was written all the same. */
  async #doubtful(index: DatasetIndex, report: VerifyReport): Promise<boolean> {
    for (const entry of indexedFiles(index)) {
      if (!report.damaged[entry.file]) continue;
      const hashes = await this.#hashes(entry.file);
      if (hashes && (hashes.crc32c === entry.crc32c || hashes.sha256 === entry.sha256)) return true;
    }
    return false;
  }

  async #hashes(name: string) {
    const path = join(this.directory, name);
    if ((await presence(path)).state !== 'file') return undefined;
    return hashFile(path, { sha256: true, signal: this.options.signal });
  }

  /** The copy's index, if it speaks of the sound level files that are here. */
  async #copiedIndex(bare: VerifyReport, levelFiles: readonly string[]): Promise<DatasetIndex | undefined> {
    const { from } = this.options;
    if (from === undefined) return undefined;
    const index = await indexOfCopy(from);
    if (!index) {
      this.#copyIs = `; ${from} has no sound index.json either`;
      return undefined;
    }
    const other = `; ${from} seems to hold another dataset: `;
    const entries = new Map(indexedFiles(index).map((entry) => [entry.file, entry]));
    let agreeing = 0;
    for (const name of levelFiles) {
      const hashes = await this.#hashes(name);
      if (hashes && hashes.sha256 === entries.get(name)?.sha256) agreeing++;
      // A sound file of other content: the copy is of another dataset. (Counts differ where others are damaged.)
      else if ((bare.damaged[name] ?? []).every((code) => code === 'level-count')) {
        this.#copyIs = `${other}${name} is sound and not the one that it has`;
        return undefined;
      }
    }
    if (agreeing === 0) {
      this.#copyIs = `${other}no level file here is one of its`;
      return undefined;
    }
    return this.#takeIndex(from, index);
  }

  async #takeIndex(from: string, index: DatasetIndex): Promise<DatasetIndex> {
    await this.#writeIndex(await readFile(join(from, indexName)));
    this.repaired.push({ file: indexName, method: 'copied', records: null });
    return index;
  }

  async #writeIndex(bytes: Buffer): Promise<void> {
    const file = await Replacement.open(this.directory, indexName, this.options.dryRun ?? false);
    await file.write(bytes);
    await file.commit();
  }

  async #repairFile(index: DatasetIndex, name: string, codes: readonly FindingCode[]): Promise<void> {
    const entry = indexedFiles(index).find(({ file }) => file === name);
    if (!entry) return this.#fail(name, findingCodes['file-foreign'], 'move it out of the folder');
    if ((await this.#hashes(name))?.sha256 === entry.sha256)
      return this.#fail(name, `it is as it was written, but ${asWritten(codes)}`, 'build the dataset again');
    try {
      if (await this.#copy(entry)) {
        this.repaired.push({ file: name, method: 'copied', records: null });
        return;
      }
      const { from } = this.options;
      this.#copyIs = from === undefined ? '' : `; ${await copyFault(from, entry)}`;
      if (name === sheetName) return await this.#redraw(index, entry);
      const shard = index.levels.flatMap(({ shards }) => shards).find(({ file }) => file === name);
      if (!shard) return this.#fail(name, `it can only be taken from a copy${this.#copyIs}`, this.#command);
      await this.#rebuild(index, entry);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code === 'interrupted') throw error;
      this.#fail(name, error.message, this.#command);
    }
  }

  async #copy(entry: StoredFile): Promise<boolean> {
    const { from, dryRun = false, signal } = this.options;
    if (from === undefined) return false;
    const path = join(from, entry.file);
    const found = await presence(path);
    if (found.state !== 'file' || found.bytes !== entry.bytes) return false;
    return replaceFile(this.directory, entry, dryRun, async (file) => {
      await hashFile(path, { sha256: false, signal, onChunk: (chunk) => file.write(chunk) });
    });
  }

  async #rebuild(index: DatasetIndex, entry: StoredFile): Promise<void> {
    const { dryRun = false, signal, remakeImages } = this.options;
    const { directory } = this;
    const remake = remakeImages ? (records: readonly number[]) => remakeImages(index, records) : null;
    // What was repaired before is there now.
    const layout = await indexedLayout(directory, [], index, new Findings(0));
    const level = index.levels.find(({ shards }) => shards.some(({ file }) => file === entry.file))!;
    const shard = layout.levels.flatMap(({ shards }) => shards).find(({ name }) => name === entry.file)!;
    const rebuilt = await rebuildShard({ directory, dryRun, signal, remake }, layout, shard, level, entry);
    const records = typeof rebuilt === 'string' ? null : rebuilt;
    if (records || (dryRun && this.#topWouldChange(index, level)))
      this.repaired.push({ file: entry.file, method: 'rebuilt', records });
    else
      this.#fail(entry.file, `${String(rebuilt)}${this.#copyIs}`, `${this.#command}, or --source PICTURES`);
  }

  /** In a dry run: whether the largest level would be another than the one that is there, so that averages can be had. */
  #topWouldChange({ levels }: DatasetIndex, level: LevelIndex): boolean {
    const [top] = levels;
    return (
      level !== top && this.repaired.some(({ file }) => top!.shards.some((shard) => shard.file === file))
    );
  }

  async #redraw(index: DatasetIndex, entry: StoredFile): Promise<void> {
    const { dryRun = false } = this.options;
    const redrawn: RepairedFile = { file: sheetName, method: 'redrawn', records: null };
    // In a dry run the levels it is drawn from may be as broken as before.
    if (dryRun && this.repaired.some(({ file }) => file.endsWith('.tfrecords'))) {
      this.repaired.push(redrawn);
      return;
    }
    const file = await Replacement.open(this.directory, sheetName, dryRun);
    try {
      await file.write(await redrawSheet(this.directory));
      const drawn = file.end();
      await file.commit();
      // Another version of the PNG writer draws the same pixels with other bytes.
      if (drawn.sha256 !== entry.sha256) {
        const files = index.files.map((each) => (each.file === sheetName ? drawn : each));
        await this.#writeIndex(Buffer.from(formatIndex({ ...index, files })));
      }
      this.repaired.push(redrawn);
    } catch (error) {
      await file.discard();
      throw error;
    }
  }
}

/**
 * Verifies the dataset and replaces what is broken: level files from their own sound records, the averages of the
 * largest level, a copy, or the pictures; labels and manifest from a copy; the contact sheet and `index.json` made anew.
 * A file takes its place only if it has the SHA-256 of the index. A dataset without an index gets one.
 * @throws DatasetError `dataset-missing`, `datasets-differ` when the copy is of another one, `interrupted`; what cannot
 * be repaired is in the report
 */
export async function repairDataset(directory: string, options: RepairOptions = {}): Promise<RepairReport> {
  const repair = new Repair(directory, options);
  await repair.run();
  const { repaired, unrepaired } = repair;
  return {
    directory,
    dryRun: options.dryRun ?? false,
    repaired,
    unrepaired,
    sound: unrepaired.length === 0,
  };
}
