/** Whether a dataset that is about to be replaced was made from the same: a slip in an output's name costs nothing. */
import { DatasetError } from '../errors.js';
import { checkReplaceable } from './output-folder.js';
import { readIndex, type DatasetIndex } from './index-file.js';

type Source = DatasetIndex['source'];

/** The dataset that made way; plain JSON. */
export interface ReplacedDataset {
  readonly images: number;
  readonly origin: string; // what it was made from, in words
}

const isObject = (value: unknown): value is Source => typeof value === 'object' && value !== null;

function inputsOf({ from }: Source): Source[] {
  return (Array.isArray(from) ? from : [from]).filter(isObject);
}

/** What stays the same when a command is given again with other options. */
function identityOf(source: Source): unknown {
  const { kind, name, part } = source;
  const inputs = inputsOf(source).map((input) => [
    input['name'],
    isObject(input['source']) ? identityOf(input['source']) : null,
  ]);
  return [kind ?? null, name ?? null, part ?? null, inputs];
}

function describe(source: Source): string {
  const { kind, name, part, split } = source;
  const names = inputsOf(source)
    .map((input) => String(input['name']))
    .join(', ');
  if (typeof kind !== 'string') return 'something that it does not tell';
  if (kind === 'merge') return `a merge of ${names}`;
  if (kind === 'split') return `a split of ${names} (${String(part)})`;
  const which = typeof split === 'string' ? `${kind}, ${split}` : kind;
  return `${typeof name === 'string' ? name : 'a source'} (${which})`;
}

/**
 * `source`: what the new dataset is made from. Null when nothing is there.
 * @throws DatasetError `output-refused` for a dataset made from something else, unless `replace`; and what
 *   `checkReplaceable` refuses
 */
export async function checkOrigin(
  out: string,
  source: Source,
  replace: boolean,
): Promise<ReplacedDataset | null> {
  await checkReplaceable(out);
  const index = await readIndex(out);
  if (!index) return null;
  const origin = describe(index.source);
  const known = typeof index.source['kind'] === 'string';
  // Which part it is shows only when a source has been opened, and older datasets do not say.
  const splits = [index.source, source].map(({ split }) => split).filter((split) => split !== undefined);
  const otherPart = splits.length === 2 && splits[0] !== splits[1];
  const same =
    known && !otherPart && JSON.stringify(identityOf(index.source)) === JSON.stringify(identityOf(source));
  if (!same && !replace)
    throw new DatasetError(
      'output-refused',
      `${out}: holds a dataset of ${index.images} images made from ${origin}, not from ${describe(source)}; ` +
        'choose another output folder, or replace it with --replace',
    );
  return { images: index.images, origin };
}
