/** Which backends a test may run on: `describe.each(await availableBackends())`. */
import { findInstallation } from '../provision/find.js';
import { BACKEND_NAMES, type BackendName } from './start.js';

/** Plain lookups, nothing is loaded: wasm and cpu always, tensorflow where startEngine would find it. */
export async function availableBackends(env: NodeJS.ProcessEnv = process.env): Promise<BackendName[]> {
  const found =
    env['PGGAN_LIBTENSORFLOW'] ||
    (await findInstallation('cpu', env)) ||
    (await findInstallation('gpu', env));
  return BACKEND_NAMES.filter((name) => name !== 'tensorflow' || found);
}
