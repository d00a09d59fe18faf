import envPaths from 'env-paths';

/** The per-user folder of what can be made or fetched again: `PGGAN_CACHE`, else the operating system's own place. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env['PGGAN_CACHE'] || envPaths('pggan', { suffix: '' }).cache;
}
