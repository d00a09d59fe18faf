import { ModelError } from '../errors.js';
import type { RawTensor } from '../safetensors.js';
import type { MappedTensor } from './mapping.js';

/**
 * A tensor with some axes reversed, then permuted and joined.
 * @param name what messages call it
 * @throws ModelError `import-mismatch` when it has other axes than the mapping speaks of
 */
export function rearrange(
  { shape, data }: RawTensor,
  { axes, flip }: Pick<MappedTensor, 'axes' | 'flip'>,
  name: string,
): RawTensor {
  const groups = axes ?? shape.map((_, i) => [i]);
  const order = groups.flat();
  const all = order.length === shape.length && shape.every((_, i) => order.includes(i));
  if (!all || flip.some((i) => i >= shape.length)) {
    throw new ModelError(
      'import-mismatch',
      `${name} expected of ${Math.max(...order, ...flip) + 1} axes, got shape [${shape}]`,
    );
  }
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, side) => product * side, 1));
  const start = flip.reduce((sum, i) => sum + (shape[i]! - 1) * strides[i]!, 0);
  const steps = order.map((i) => (flip.includes(i) ? -strides[i]! : strides[i]!));
  const sides = order.map((i) => shape[i]!);
  const out = new Float32Array(data.length);
  const at = sides.map(() => 0);
  let from = start;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from]!;
    for (let i = sides.length - 1; i >= 0; i--) {
      from += steps[i]!;
      if (++at[i]! < sides[i]!) break;
      from -= sides[i]! * steps[i]!;
      at[i] = 0;
    }
  }
  const joined = groups.map((group) => group.reduce((product, i) => product * shape[i]!, 1));
  return { shape: joined, data: out };
}
