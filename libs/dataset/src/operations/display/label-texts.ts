/** Labels of an image in words. */
import type { Labels } from '../../records/reader.js';
import { componentNames } from '../inspect/label-summary.js';

export interface LabelTexts {
  /** Names that images can have, one per component; empty when components are numbers, not yes or no. */
  readonly names: readonly string[];
  /** Components that are on for an image. */
  on(image: number): number[];
  /** All that the labels say of an image; empty for nothing. */
  text(image: number): string;
}

/** Numbers that are written out for an image. */
const mostNumbers = 8;

/** `count`: images. Components are yes or no when all of them are 0 and 1, or −1 and 1. */
export function labelTexts(labels: Labels, count: number): LabelTexts {
  const { components, data } = labels;
  const all = componentNames(labels);
  const rows = data.subarray(0, count * components);
  const row = (image: number) => rows.subarray(image * components, (image + 1) * components);
  if (rows.every((value) => value === 0 || value === 1 || value === -1)) {
    const on = (image: number) => [...row(image).keys()].filter((i) => row(image)[i] === 1);
    return {
      names: all,
      on,
      text: (image) =>
        on(image)
          .map((i) => all[i])
          .join(', '),
    };
  }
  const numbers = (image: number) => {
    const shown = [...row(image).subarray(0, mostNumbers)].map(
      (value, i) => `${all[i]} ${Number(value.toPrecision(4))}`,
    );
    return [...shown, ...(components > mostNumbers ? ['…'] : [])].join(', ');
  };
  return { names: [], on: () => [], text: numbers };
}
