import { readFile } from 'node:fs/promises';
import { parseMapping, shippedMappings, type Mapping } from '@pggan/model';
import { CliError } from '../errors.js';

export const mappingNames = Object.keys(shippedMappings);

/**
 * The shipped mapping of that name, or that of a file.
 * @throws CliError `mapping-missing`; ModelError `mapping-invalid`
 */
export async function readMapping(what: string): Promise<Mapping> {
  const shipped = Object.hasOwn(shippedMappings, what) ? shippedMappings[what] : undefined;
  if (shipped !== undefined) return parseMapping(shipped, what);
  let text: string;
  try {
    text = await readFile(what, 'utf8');
  } catch (error) {
    throw new CliError(
      'mapping-missing',
      `--mapping: expected one of ${mappingNames.join(', ')} or a JSON file, ` +
        `got ${what} (${(error as NodeJS.ErrnoException).code})`,
      { cause: error },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CliError('mapping-missing', `${what} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parseMapping(json, what);
}
