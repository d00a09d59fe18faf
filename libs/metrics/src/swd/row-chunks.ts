/** Descriptors come in many blocks; kernels take as many rows at a time as the processor's caches hold. */

/** Copies the rows of all blocks to `memory` from `at` on, up to `most` at a time: yields how many lie there. */
export function* rowChunks(
  blocks: readonly Float32Array[],
  components: number,
  most: number,
  memory: Float32Array,
  at: number,
): Generator<number> {
  const capacity = most * components;
  let filled = 0;
  for (const block of blocks)
    for (let from = 0; from < block.length;) {
      const part = block.subarray(from, from + capacity - filled);
      memory.set(part, at + filled);
      from += part.length;
      filled += part.length;
      if (filled < capacity) continue;
      yield most;
      filled = 0;
    }
  if (filled > 0) yield filled / components;
}
