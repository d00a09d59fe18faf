/** Seeded damage to a file: what a bad disk, a cut download or an ill-willed maker could do. */
import type { RandomState } from '@pggan/random';

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 40];

export interface Damage {
  readonly hotspots: readonly number[]; // places where lengths and numbers lie
  readonly numbers: readonly number[]; // likely values for them, besides extreme ones
}

/** A changed copy; one to three changes. */
export function mutate(bytes: Buffer, random: RandomState, { hotspots, numbers }: Damage): Buffer {
  let mutated = Buffer.from(bytes);
  const values = [...extremes, ...numbers, bytes.length, bytes.length - 1, bytes.length + 1];
  for (let changes = 1 + random.randint(3); changes > 0 && mutated.length > 0; changes--) {
    const near = hotspots.length > 0 && random.randint(3) > 0;
    const at = near ? hotspots[random.randint(hotspots.length)]! : random.randint(mutated.length);
    if (at >= mutated.length) continue;
    switch (random.randint(6)) {
      case 0:
        mutated[at]! ^= 1 << random.randint(8);
        break;
      case 1:
        mutated[at] = random.randint(256);
        break;
      case 2: // a piece of it somewhere else
        mutated.copy(mutated, at, random.randint(mutated.length), mutated.length);
        break;
      case 3:
        if (random.randint(4) === 0) mutated = mutated.subarray(0, at);
        break;
      default: {
        // A number of another size, in either byte order.
        const size = [1, 2, 4, 6][random.randint(4)]!;
        if (at + size > mutated.length) break;
        const value = values[random.randint(values.length)]! % 2 ** (8 * size);
        if (random.randint(2) === 0) mutated.writeUIntLE(value, at, size);
        else mutated.writeUIntBE(value, at, size);
      }
    }
  }
  return mutated;
}
