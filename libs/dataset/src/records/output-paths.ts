/** Where datasets may go, in view of what they are made from. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { DatasetError } from '../errors.js';

/** The path without links, as far as it exists. */
async function realTarget(path: string): Promise<string> {
  const target = resolve(path);
  try {
    return await realpath(target);
  } catch {
    const parent = dirname(target);
    return parent === target ? target : join(await realTarget(parent), basename(target));
  }
}

/** What is being read must not be replaced, and no dataset lies in another or among its pictures. */
export async function checkOutputs(outs: readonly string[], inputs: readonly string[]): Promise<void> {
  const others = await Promise.all(
    [...inputs, ...outs].map(async (path) => ({ path, real: await realTarget(path) })),
  );
  for (const [i, out] of others.slice(inputs.length).entries()) {
    for (const [j, other] of others.entries()) {
      if (j === inputs.length + i) continue;
      if (out.real !== other.real && !inside(out.real, other.real) && !inside(other.real, out.real)) continue;
      const what = out.real === other.real ? 'is' : 'and one lies in the other:';
      throw new DatasetError(
        'output-refused',
        `${out.path} ${what} ${j < inputs.length ? 'what is read' : 'the other output'} (${other.path}); choose another output folder`,
      );
    }
  }
}

function inside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
