import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The rows of a JSON Lines file in a run folder; none where there is no file. A line cut by a crash is left out. */
export async function readRows<Row>(folder: string, file: string): Promise<Row[]> {
  let text: string;
  try {
    text = await readFile(join(folder, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Row];
    } catch {
      return [];
    }
  });
}
