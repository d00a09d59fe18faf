/** Where libtensorflow comes from: an existing folder, a wheel file, or pip; and the cache folder that each gets. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.js';
import type { CheckedProvisionOptions } from './options.js';
import { BINDING_VERSION, cacheKey, librariesFor, wheelFor, type Variant, type Wheel } from './target.js';

export type Source =
  | { kind: 'existing'; key: string; libraries: string; include: string }
  | { kind: 'wheel'; key: string; variant: Variant; wheel: Wheel; path: string }
  | { kind: 'pip'; key: string; variant: Variant; wheel: Wheel };

type SourceOptions = Pick<
  CheckedProvisionOptions,
  'variant' | 'libtensorflow' | 'include' | 'wheel' | 'env' | 'platform' | 'arch'
>;

/** @throws EngineError `platform-unsupported`, `libtensorflow-invalid`, `wheel-corrupt` (no such file) */
export async function resolveSource(options: SourceOptions): Promise<Source> {
  const { variant, env = process.env } = options;
  const platform = options.platform ?? process.platform;
  const arch = options.arch ?? process.arch;

  const folder = options.libtensorflow ?? env['PGGAN_LIBTENSORFLOW'];
  if (folder)
    return existingSource(folder, options.include ?? env['PGGAN_LIBTENSORFLOW_INCLUDE'], platform, arch);

  const target = { platform, arch, variant };
  const wheel = wheelFor(target);
  if (platform === 'linux' && process.platform === 'linux' && !hasGlibc()) {
    throw new EngineError(
      'platform-unsupported',
      `TensorFlow's wheels need glibc and this Linux has another C library (musl?). ` +
        `Use a glibc distribution or --backend wasm, or name a libtensorflow built for it in PGGAN_LIBTENSORFLOW.`,
    );
  }
  const key = cacheKey(target);
  if (!options.wheel) return { kind: 'pip', key, variant, wheel };
  if (!existsSync(options.wheel)) {
    throw new EngineError(
      'wheel-corrupt',
      `There is no wheel file ${options.wheel}. Expected one of ${wheel.requirement}.`,
    );
  }
  return { kind: 'wheel', key, variant, wheel, path: options.wheel };
}

async function existingSource(
  folder: string,
  include: string | undefined,
  platform: NodeJS.Platform,
  arch: string,
): Promise<Source> {
  const libraries = librariesFor(platform);
  const missing = Object.values(libraries).filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) {
    throw new EngineError(
      'libtensorflow-invalid',
      `${folder} is no libtensorflow: expected ${Object.values(libraries).join(' and ')} in it, missing ${missing.join(' and ')}. ` +
        `Name the folder that holds them in PGGAN_LIBTENSORFLOW (in a Python environment: site-packages/tensorflow), or unset it.`,
    );
  }
  const candidates = include ? [include] : [join(folder, 'include'), join(folder, '..', 'include')];
  const headers = candidates.find((path) => existsSync(join(path, 'tensorflow', 'c', 'c_api.h')));
  if (!headers) {
    throw new EngineError(
      'libtensorflow-invalid',
      `No TensorFlow headers for ${folder}: expected tensorflow/c/c_api.h in ${candidates.join(' or ')}. ` +
        `Name their folder in PGGAN_LIBTENSORFLOW_INCLUDE.`,
    );
  }
  const path = await realpath(folder);
  const { size, mtimeMs } = await stat(join(path, libraries.cc));
  // Another file at the same path gets another binding.
  const identity = createHash('sha256')
    .update(JSON.stringify([path, size, mtimeMs]))
    .digest('hex')
    .slice(0, 12);
  const key = `external-${identity}-${platform}-${arch}-binding-${BINDING_VERSION}`;
  return { kind: 'existing', key, libraries: path, include: headers };
}

function hasGlibc(): boolean {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime !== undefined;
}
