/** Directions onto which descriptors are projected. */
import type { RandomState } from '@pggan/random';

export interface Directions {
  readonly components: number;
  readonly count: number;
  readonly values: Float32Array; // [component, direction]; each direction of unit length
}

/**
 * Normal deviates, [component, direction] as NumPy draws them, each direction divided by its length in float64 and
 * rounded to float32 (facts 8.2).
 */
export function drawDirections(random: RandomState, components: number, count: number): Directions {
  return unitDirections(
    Float64Array.from({ length: components * count }, () => random.normal()),
    components,
    count,
  );
}

/** `values`: [component, direction], any lengths but zero. */
export function unitDirections(values: Float64Array, components: number, count: number): Directions {
  const squares = new Float64Array(count);
  values.forEach((value, i) => (squares[i % count]! += value * value));
  return {
    components,
    count,
    values: Float32Array.from(values, (value, i) => value / Math.sqrt(squares[i % count]!)),
  };
}

/** Directions side by side. */
export function joinDirections(parts: readonly Directions[]): Directions {
  const { components } = parts[0]!;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const values = new Float32Array(components * count);
  let first = 0;
  for (const part of parts) {
    for (let i = 0; i < components; i++)
      values.set(part.values.subarray(i * part.count, (i + 1) * part.count), i * count + first);
    first += part.count;
  }
  return { components, count, values };
}

/**
 * Gray images count as colour images with three equal channels, as the official evaluation repeats them. The product
 * with a direction is then that of one channel with the sum of the direction's three parts.
 */
export function foldChannels({ components, count, values }: Directions): Directions {
  const folded = components / 3;
  const part = (channel: number, i: number) => values[channel * folded * count + i]!;
  return {
    components: folded,
    count,
    values: Float32Array.from({ length: folded * count }, (_, i) => part(0, i) + part(1, i) + part(2, i)),
  };
}

/** Those from `first` on, `count` of them. */
export function someDirections(all: Directions, first: number, count: number): Directions {
  const values = new Float32Array(all.components * count);
  for (let i = 0; i < all.components; i++)
    values.set(all.values.subarray(i * all.count + first, i * all.count + first + count), i * count);
  return { components: all.components, count, values };
}
