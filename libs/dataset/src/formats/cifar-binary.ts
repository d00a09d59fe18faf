/** CIFAR's binary files: records of a label (CIFAR-10) or two (CIFAR-100: coarse, fine), then pixels. */
import { DatasetError } from '../errors.js';

/** 32x32 red, then green, then blue. */
export const cifarPictureBytes = 3 * 32 * 32;

export type CifarClasses = 10 | 100;

/** The pictures of one file. */
export interface CifarBatch {
  readonly classes: CifarClasses;
  readonly labels: Uint8Array; // 0…9, or the fine ones 0…99
  readonly coarse: Uint8Array | null; // 0…19; CIFAR-100 only
  /** CHW pixels of picture i, their own copy. */
  picture(i: number): Uint8Array;
}

export const cifarRecordBytes = (classes: CifarClasses) => cifarPictureBytes + (classes === 10 ? 1 : 2);

/** Which of the two sets a file of this size can be of. */
export function cifarClassesOf(size: number): CifarClasses[] {
  return ([10, 100] as const).filter((classes) => size > 0 && size % cifarRecordBytes(classes) === 0);
}

/** @throws DatasetError `source-invalid` */
export function checkCifarLabels(
  labels: Uint8Array | readonly number[],
  classes: number,
  file: string,
): void {
  const record = labels.findIndex((label) => label < 0 || label >= classes);
  if (record >= 0)
    throw new DatasetError(
      'source-invalid',
      `${file}: record ${record} has label ${labels[record]}; expected 0 to ${classes - 1}`,
    );
}

/** @throws DatasetError `source-invalid` */
export function parseCifarBinary(bytes: Buffer, classes: CifarClasses, file: string): CifarBatch {
  const record = cifarRecordBytes(classes);
  const count = bytes.length / record;
  if (!Number.isInteger(count) || count === 0)
    throw new DatasetError(
      'source-invalid',
      `${file}: has ${bytes.length} bytes; expected CIFAR-${classes} records of ${record} bytes each`,
    );
  const column = (at: number) => Uint8Array.from({ length: count }, (_, i) => bytes[i * record + at]!);
  const start = record - cifarPictureBytes;
  const labels = column(start - 1);
  const coarse = classes === 100 ? column(0) : null;
  checkCifarLabels(labels, classes, file);
  if (coarse) checkCifarLabels(coarse, 20, file);
  return {
    classes,
    labels,
    coarse,
    picture: (i) => new Uint8Array(bytes.subarray(i * record + start, (i + 1) * record)),
  };
}
