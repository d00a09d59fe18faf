/** Random bytes with many extreme values, the same on every run. */
import { RandomState } from '@pggan/random';

const random = new RandomState(7);

export function bytes(length: number): Uint8Array {
  return new Uint8Array(length).map(() => {
    const value = random.randint(512);
    return value < 256 ? value : value < 384 ? 0 : 255;
  });
}
