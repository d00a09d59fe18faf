/** Labels that are one class out of several, as rows of zeros with a single one. */
import type { DatasetError } from '../errors.js';

/** Labels found by the path of a picture. */
export interface NamedLabels {
  readonly names: readonly string[]; // one per component
  /** One number per name, or undefined when the picture has no label. */
  of(path: string): Float32Array | undefined;
}

/** More are no classes but something else, such as file names. */
export const mostClasses = 65_536;

/** Position of each class in alphabetical order (by code unit). */
export function indexClasses(classes: Iterable<string>): Map<string, number> {
  const sorted = [...new Set(classes)].sort((a, b) => (a < b ? -1 : 1));
  return new Map(sorted.map((name, index) => [name, index]));
}

export function oneHot(index: number, classes: number): Float32Array {
  const row = new Float32Array(classes);
  row[index] = 1;
  return row;
}

/**
 * Numbers of the labels of `rows` pictures, at most 2^28: as float32 that is 1 GiB, and they are in memory.
 * @throws DatasetError
 */
export function checkMatrix(
  rows: number,
  components: number,
  tooLarge: (what: string) => DatasetError,
): void {
  if (components > mostClasses)
    throw tooLarge(`${components} label components, at most ${mostClasses} are possible`);
  if (rows * components > 2 ** 28)
    throw tooLarge(
      `${rows} pictures with ${components} label components each are more than ${2 ** 28} numbers`,
    );
}
