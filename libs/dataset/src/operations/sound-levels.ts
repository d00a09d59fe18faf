/** Looking at a dataset of which some levels are damaged: the others will do, as long as the wanted one is among them. */
import { DatasetError } from '../errors.js';
import { TFRecordDataset } from '../records/dataset.js';

/** A damaged level that was left out; plain JSON. */
export interface LeftOut {
  readonly level: number | null; // null: nobody can tell which
  readonly message: string;
}

export interface SoundLevels {
  readonly dataset: TFRecordDataset;
  readonly damaged: readonly LeftOut[];
}

const advice = (directory: string) =>
  `"prep verify ${directory}" says what is damaged, "prep repair ${directory}" restores what can be`;

/**
 * `wanted`: number of a level; largest: that of the dataset; any: whichever is sound.
 * @throws DatasetError of the wanted level, and those of `TFRecordDataset.open`
 */
export async function openSound(directory: string, wanted: number | 'largest' | 'any'): Promise<SoundLevels> {
  const dataset = await TFRecordDataset.open(directory, { damaged: 'leave-out' });
  const { damage, levels } = dataset;
  const largest = Math.max(...levels.keys());
  const blocks = ({ level }: { readonly level: number | null }) =>
    wanted === 'largest'
      ? level === null || level > largest
      : typeof wanted === 'number' && !levels.has(wanted) && (level === null || level === wanted);
  const blocking = damage.find(blocks);
  if (blocking) {
    const { code, message } = blocking.error;
    throw new DatasetError(code, `${message}; ${advice(directory)}`, { cause: blocking.error });
  }
  const damaged = damage.map(({ level, error }) => ({
    level,
    message: `${level === null ? 'a level' : `level ${level}`} is left out: ${error.message}; ${advice(directory)}`,
  }));
  return { dataset, damaged };
}
