/** Labels of sets whose pictures have one class each. */
import type { SourceLabels } from './source.js';

/** `classes`: the class of each picture, an index of `names`. */
export function oneHotLabels(names: readonly string[], classes: Uint8Array): SourceLabels {
  return {
    names,
    row(i) {
      const row = new Float32Array(names.length);
      row[classes[i]!] = 1;
      return row;
    },
  };
}

/** Names of classes that have none: '0', '1', … */
export function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}
