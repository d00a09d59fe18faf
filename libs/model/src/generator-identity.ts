import { createHash } from 'node:crypto';
import type { LoadedGenerator } from './generator-file.js';

/**
 * SHA-256 of everything that the pictures of a generator depend on but latents and labels: the same for one in memory, in
 * a checkpoint and in a file of its own.
 */
export function generatorIdentity({
  weights,
  config,
  lod,
}: Pick<LoadedGenerator, 'weights' | 'config' | 'lod'>): string {
  const hash = createHash('sha256');
  const settings = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(JSON.stringify({ settings, lod }));
  for (const name of Object.keys(weights).sort()) {
    const tensor = weights[name]!;
    hash.update(`\n${name} ${tensor.shape.join('x')}\n`);
    hash.update(new Uint8Array((tensor.dataSync() as Float32Array).slice().buffer));
  }
  return hash.digest('hex');
}
