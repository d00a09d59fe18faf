/** Looking an installation up without making one. */
import { join } from 'node:path';
import { EngineError } from '../errors.js';
import { readInstallation, type Installation } from './layout.js';
import { resolveSource } from './source.js';
import { cacheFolder, engineFolder, type Variant } from './target.js';

/** The cache's installation for this machine, or undefined; a platform without one is no error here. */
export async function findInstallation(
  variant: Variant,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Installation | undefined> {
  try {
    const source = await resolveSource({ variant, env });
    return await readInstallation(join(engineFolder(cacheFolder(env)), source.key));
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
