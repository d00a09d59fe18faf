/** The tensors a mapping speaks of, out of a dictionary, for a final resolution that is found by looking. */
import { ModelError } from '../errors.js';
import type { RawTensor } from '../safetensors.js';
import { rearrange } from './rearrange.js';
import { fillName, type MappedTensor, type Mapping } from './mapping.js';

type Tensors = Readonly<Record<string, RawTensor>>;

/** A tensor in our layout, and what the other program multiplies it by at every use. */
export interface Collected {
  readonly name: string;
  readonly source: string;
  readonly tensor: RawTensor;
  /** Besides the official equalised learning rate, where there is that. */
  readonly factor: number;
  readonly official: boolean;
}

interface Wanted {
  readonly block: number;
  readonly entry: MappedTensor;
  readonly to: string;
  readonly from: readonly string[];
  readonly scale: readonly string[];
  readonly of: string | undefined;
}

/**
 * @param name what messages call the dictionary
 * @returns the tensors, and log2 of the final side
 * @throws ModelError `import-mismatch` naming every tensor that is missing or that nobody asked for
 */
export function collect(
  tensors: Tensors,
  mapping: Mapping,
  name: string,
): { readonly top: number; readonly collected: Collected[] } {
  const { top, wanted } = findTop(tensors, mapping, name);
  const used = new Set<string>();
  const take = (names: readonly string[]): string | undefined => {
    const found = names.find((candidate) => Object.hasOwn(tensors, candidate));
    if (found !== undefined) used.add(found);
    return found;
  };
  const collected = wanted.flatMap(({ entry, to, from, scale, of }) => {
    const source = take(from);
    if (source === undefined) return [];
    const tensor = tensors[source]!;
    const stored = take(scale);
    const factor =
      (stored === undefined ? 1 : scalar(tensors[stored]!, stored, name)) *
      wscale(entry, of === undefined ? tensor : tensors[of]!, of ?? source, name);
    const official = entry.wscale === 'official';
    const arranged = rearrange(tensor, entry, `${name}: tensor "${source}"`);
    return [{ name: to, source, factor, official, tensor: arranged }];
  });
  const ignored = mapping.ignore.map((text) => new RegExp(`^(?:${text})$`));
  const extra = Object.keys(tensors).filter(
    (key) => !used.has(key) && !ignored.some((pattern) => pattern.test(key)),
  );
  if (extra.length > 0) {
    throw new ModelError(
      'import-mismatch',
      `${name}: mapping "${mapping.name}" knows nothing of ${list(extra)}; ` +
        'give the mapping that fits, or list them under "ignore" in one of your own',
    );
  }
  return { top, collected };
}

/** The largest resolution of which at least half is there; then everything below must be, too. */
function findTop(tensors: Tensors, mapping: Mapping, name: string) {
  const missingOf = ({ entry, from, scale, of }: Wanted) =>
    entry.optional
      ? []
      : [from, scale, of === undefined ? [] : [of]].flatMap((names) => lacking(tensors, names));
  const keys = Object.keys(tensors);
  for (let top = 10; top >= 2; top--) {
    const wanted = wantedAt(mapping, top);
    // Names that count from the top are there whatever the top is.
    const own = wanted.filter(({ block }) => block === top);
    if (own.filter((one) => missingOf(one).length === 0).length * 2 < own.length || own.length === 0)
      continue;
    const missing = [...new Set(wanted.flatMap(missingOf))];
    if (missing.length === 0) return { top, wanted };
    throw new ModelError(
      'import-mismatch',
      `${name}: ${list(missing)} of mapping "${mapping.name}" missing for a generator of ` +
        `${2 ** top}x${2 ** top}; the file has ${list(keys)}`,
    );
  }
  throw new ModelError(
    'import-mismatch',
    `${name}: the tensors of mapping "${mapping.name}" are not there; the file has ${list(keys)}`,
  );
}

function wantedAt(mapping: Mapping, top: number): Wanted[] {
  return mapping.tensors.flatMap((entry) => {
    const [first, last = top] = entry.blocks;
    const blocks = Array.from({ length: Math.max(0, Math.min(last, top) - first + 1) }, (_, i) => first + i);
    return blocks.map((block) => {
      const fill = (template: string) => fillName(template, block, top);
      return {
        block,
        entry,
        to: fill(entry.to),
        from: [entry.from].flat().map(fill),
        scale: [entry.scale ?? []].flat().map(fill),
        of: typeof entry.wscale === 'object' && entry.wscale.of ? fill(entry.wscale.of) : undefined,
      };
    });
  });
}

function lacking(tensors: Tensors, names: readonly string[]): string[] {
  const there = names.length === 0 || names.some((candidate) => Object.hasOwn(tensors, candidate));
  return there ? [] : [names.join(' or ')];
}

function scalar({ data }: RawTensor, key: string, name: string): number {
  if (data.length === 1) return data[0]!;
  throw new ModelError('import-mismatch', `${name}: tensor "${key}" expected one number, got ${data.length}`);
}

function wscale({ wscale: rule }: MappedTensor, { shape }: RawTensor, key: string, name: string): number {
  if (rule === undefined || rule === 'official') return 1;
  const fanIn = rule.fanIn.reduce((product, axis) => product * (shape[axis] ?? 0), 1);
  if (fanIn > 0) return rule.gain / Math.sqrt(fanIn);
  throw new ModelError(
    'import-mismatch',
    `${name}: tensor "${key}" expected with the axes ${rule.fanIn.join(', ')} for its fan-in, got shape [${shape}]`,
  );
}

/** The first few names, and how many more. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((key) => `"${key}"`);
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}
