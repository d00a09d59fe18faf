import type { LoadedGenerator } from '../generator-file.js';
import { libraryVersion } from '../version.js';

/** What an exported file says of where it comes from, as JSON. */
export function describeExport({ config, kimg, origin }: LoadedGenerator, lod: number): string {
  return JSON.stringify({ library: libraryVersion, lod, kimg, config, origin, range: [-1, 1] });
}
