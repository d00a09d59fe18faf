/** Labels of several datasets as labels of one. */
import { DatasetError } from '../../errors.js';
import type { Labels } from '../../records/reader.js';

/** same: all have the same components; union: all components of all, by name; none: without labels. */
export const mergeLabelModes = ['same', 'union', 'none'] as const;
export type MergeLabelMode = (typeof mergeLabelModes)[number];

export interface MergedLabels {
  readonly components: number;
  readonly names: readonly string[] | null;
  /** Where component i of dataset d goes. */
  readonly places: readonly Int32Array[];
}

export interface NamedLabels {
  readonly dataset: string; // for messages
  readonly labels: Labels | null;
}

const describe = ({ components, names }: Labels) =>
  names
    ? `${components} components (${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''})`
    : `${components} components without names`;

function differ(what: string): DatasetError {
  return new DatasetError('datasets-differ', `labels: ${what}`);
}

function sameLabels(all: readonly NamedLabels[]): MergedLabels | null {
  const [first, ...others] = all;
  const { dataset, labels } = first!;
  for (const other of others) {
    if (!labels || !other.labels) {
      if (labels === other.labels) continue;
      const [has, lacks] = labels ? [dataset, other.dataset] : [other.dataset, dataset];
      throw differ(`${has} has labels, ${lacks} has none; merge without labels ("none")`);
    }
    const equal =
      labels.components === other.labels.components &&
      JSON.stringify(labels.names) === JSON.stringify(other.labels.names);
    if (!equal)
      throw differ(
        `${dataset} has ${describe(labels)}, ${other.dataset} has ${describe(other.labels)}; ` +
          'merge by the names of the components ("union") or without labels ("none")',
      );
  }
  if (!labels) return null;
  const { components, names } = labels;
  const places = all.map(() => Int32Array.from({ length: components }, (_, i) => i));
  return { components, names, places };
}

function unionOfLabels(all: readonly NamedLabels[]): MergedLabels {
  const placeOf = new Map<string, number>();
  const places = all.map(({ dataset, labels }) => {
    if (!labels?.names)
      throw differ(
        `${dataset} has ${labels ? 'labels without names' : 'no labels'}, so they cannot go together by name; merge without labels ("none")`,
      );
    if (labels.names.length !== labels.components || new Set(labels.names).size !== labels.components)
      throw differ(
        `${dataset} does not have one name of its own for each component; merge without labels ("none")`,
      );
    return Int32Array.from(labels.names, (name) => {
      if (!placeOf.has(name)) placeOf.set(name, placeOf.size);
      return placeOf.get(name)!;
    });
  });
  return { components: placeOf.size, names: [...placeOf.keys()], places };
}

/** Null: without labels. @throws DatasetError `datasets-differ` */
export function mergeLabels(all: readonly NamedLabels[], mode: MergeLabelMode): MergedLabels | null {
  if (mode === 'none') return null;
  return mode === 'same' ? sameLabels(all) : unionOfLabels(all);
}
