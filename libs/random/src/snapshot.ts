/** A random stream as plain JSON: everything `RandomState.fromState` needs to continue it. */
import { RandomError } from './errors.js';

export interface RandomStateSnapshot {
  readonly algorithm: 'MT19937';
  readonly key: string; // 624 little-endian 32-bit words, base64
  readonly position: number; // 0…624, as NumPy's get_state()[2]
  readonly hasGauss: boolean; // the polar method makes normals in pairs; true: one is waiting
  readonly gauss: number; // the waiting one, 0 when there is none
}

const BYTES = 624 * 4;

export function encodeKey(key: Uint32Array): string {
  const bytes = Buffer.alloc(BYTES);
  key.forEach((word, i) => bytes.writeUInt32LE(word, i * 4));
  return bytes.toString('base64');
}

export function decodeKey(text: unknown): Uint32Array {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (bytes.length !== BYTES)
    throw new RandomError(
      'random-state',
      `random state: expected a base64 key of ${BYTES} bytes, got ${bytes.length}`,
    );
  return Uint32Array.from({ length: BYTES / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
}
