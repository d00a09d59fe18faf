/** What the labels of a dataset say: how many images of each class, or how each component is spread. */
import type { Labels } from '../../records/reader.js';

export interface ClassCount {
  readonly name: string;
  readonly images: number;
}

export interface ComponentRange {
  readonly name: string;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

export type LabelSummary =
  /** Every image is of exactly one class (one component is 1, all others 0). */
  | { readonly kind: 'classes'; readonly classes: readonly ClassCount[] }
  | { readonly kind: 'numbers'; readonly components: readonly ComponentRange[] };

/** Names of the components; their numbers where they have none. */
export function componentNames({ components, names }: Labels): string[] {
  return Array.from({ length: components }, (_, i) => names?.[i] ?? String(i));
}

/** Class of each of `count` images, or null when some image is not of exactly one class. */
export function classesOf({ components, data }: Labels, count: number): Int32Array | null {
  if (components < 2) return null;
  const classes = new Int32Array(count).fill(-1);
  for (let i = 0; i < count * components; i++) {
    const value = data[i]!;
    if (value === 0) continue;
    const image = Math.floor(i / components);
    if (value !== 1 || classes[image] !== -1) return null;
    classes[image] = i % components;
  }
  return classes.includes(-1) ? null : classes;
}

/** `count`: images; the labels may have more rows. */
export function summarizeLabels(labels: Labels, count: number): LabelSummary {
  const names = componentNames(labels);
  const classes = classesOf(labels, count);
  if (classes) {
    const images = new Array<number>(labels.components).fill(0);
    for (const label of classes) images[label]!++;
    return { kind: 'classes', classes: names.map((name, i) => ({ name, images: images[i]! })) };
  }
  const components = names.map((name, component) => {
    let [min, max, sum] = [Infinity, -Infinity, 0];
    for (let i = 0; i < count; i++) {
      const value = labels.data[i * labels.components + component]!;
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    return { name, min, mean: sum / count, max };
  });
  return { kind: 'numbers', components };
}
