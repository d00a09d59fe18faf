/** What a check of a dataset can find, and a list that counts everything but keeps only the first. */

/** Codes are stable: programs and the exit code rest on them. */
export const findingCodes = {
  'index-invalid': 'index.json is not an index we know',
  'index-damaged': 'index.json has another SHA-256 than it says itself: something in it was changed',
  'index-wrong': 'index.json contradicts itself or the files',
  'file-missing': 'a file of the dataset is not there',
  'file-unreadable': 'a file cannot be read',
  'file-foreign': 'a file that readers would take for part of the dataset',
  'file-size': 'a file has another size than the index says',
  'file-crc': 'a file has another CRC-32C than the index says, though nothing else is wrong in it',
  'file-sha256': 'a file has another SHA-256 than the index says, though nothing else is wrong in it',
  'level-missing': 'a level between the largest and the smallest is not there',
  'level-count': 'a level has another number of images than the largest',
  'length-crc': "a record's length does not fit its checksum",
  'length-wrong': "a record's length is not that of its place",
  'payload-crc': "a record's content does not fit its checksum",
  'record-cut': 'a file ends inside a record',
  'record-invalid': 'a record with sound checksums that is no image',
  'shape-wrong': 'an image of another size or number of channels',
  'level-differs': 'a smaller image is not the average of the largest one',
  'labels-invalid': 'the labels are no NumPy array of one row per image',
  'labels-not-finite': 'a label is not a finite number',
  'manifest-invalid': 'a line of the manifest does not parse or contradicts itself',
  'manifest-records': 'the manifest does not name every image exactly once',
} as const;

export type FindingCode = keyof typeof findingCodes;

export interface Finding {
  readonly code: FindingCode;
  readonly file: string; // in the dataset's folder
  readonly record?: number; // number of the image in the dataset, from 0
  readonly offset?: number; // in the file, bytes
  readonly line?: number; // of the manifest, from 1
  readonly message: string;
}

export class Findings {
  readonly listed: Finding[] = [];
  readonly counts: Partial<Record<FindingCode, number>> = {};
  readonly #codes = new Map<string, Set<FindingCode>>();
  #total = 0;

  /** `limit`: findings to keep; all are counted. */
  constructor(private readonly limit: number) {}

  add(finding: Finding): void {
    const { code, file } = finding;
    this.#total++;
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    const codes = this.#codes.get(file);
    if (codes) codes.add(code);
    else this.#codes.set(file, new Set([code]));
    if (this.listed.length < this.limit) this.listed.push(finding);
  }

  get total(): number {
    return this.#total;
  }

  /** Whether nothing was found in this file so far. */
  clean(file: string): boolean {
    return !this.#codes.has(file);
  }

  /** Every file with findings, by name, and what was found there. */
  byFile(): Record<string, FindingCode[]> {
    return Object.fromEntries([...this.#codes].sort().map(([file, codes]) => [file, [...codes]]));
  }
}
