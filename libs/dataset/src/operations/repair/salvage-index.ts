/** What can still be read of an `index.json` that no longer parses. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { indexName, indexSchema, indexVersion, type DatasetIndex } from '../../records/index-file.js';
import { presence } from '../verify/probe.js';

/** Members by name, each as far as it can be read by itself. */
export type LooseIndex = Readonly<Record<string, unknown>>;

/** What no other file of a dataset tells. */
const parts = ['source', 'settings', 'versions', 'shuffleSeed'] as const;
export type RecordedPart = (typeof parts)[number] | 'labels'; // labels: their names

/** `formatIndex` begins every member on a line of its own, by two spaces; what lies in it has four and more. */
const beforeMember = /\n(?= {2}")/;

function membersOf(text: string): LooseIndex {
  const entries = text.split(beforeMember).flatMap((part) => {
    try {
      const member = part.trim().replace(/,$|\n\}$/, '');
      return Object.entries(JSON.parse(`{${member}}`) as object);
    } catch {
      return []; // the damage is here, or this is the brace before the first member
    }
  });
  return Object.fromEntries(entries);
}

/** Empty when there is nothing to read. */
export async function salvageIndex(directory: string): Promise<LooseIndex> {
  const path = join(directory, indexName);
  if ((await presence(path)).state !== 'file') return {};
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const json = JSON.parse(text) as unknown;
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : {};
  } catch {
    return membersOf(text);
  }
}

/** An index again, if only what no reader needs is missing: the checksums of the files are there then. */
export function indexOf(loose: LooseIndex): DatasetIndex | undefined {
  const rest = { format: 'pggan-dataset', version: indexVersion, versions: {}, source: {}, settings: {} };
  return indexSchema.safeParse({ ...rest, ...loose }).data;
}

/** What `index` does not have as the damaged one may have had it. */
export function lostParts(index: DatasetIndex, loose: LooseIndex): RecordedPart[] {
  const differ = (ours: unknown, theirs: unknown) => JSON.stringify(ours) !== JSON.stringify(theirs);
  const lost: RecordedPart[] = parts.filter((part) => differ(index[part], loose[part]));
  const { names } = (loose['labels'] ?? {}) as { readonly names?: unknown };
  return index.labels && differ(index.labels.names, names) ? [...lost, 'labels'] : lost;
}

/** Whether it tells nothing but what the files tell. */
export function isBare({ source, settings }: DatasetIndex): boolean {
  return Object.keys({ ...source, ...settings }).length === 0;
}
