/** 1.5 * 2^52: adding it leaves no fraction bits, so the processor's own half-to-even rounding applies. */
const SHIFT = 6755399441055744;

/** Round to the nearest integer, ties to the even one, as Python's and NumPy's `round` do. |value| < 2^51. */
export function roundHalfEven(value: number): number {
  return value + SHIFT - SHIFT;
}

/** Index of `i` in a line of `n` samples mirrored about its end samples (`d c b | a b c d | c b a`; numpy 'reflect'). */
export function mirrorIndex(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const folded = ((i % period) + period) % period;
  return folded < n ? folded : period - folded;
}

/** Index of `i` in a line of `n` samples mirrored about its edges (`b a | a b c d | d c`; scipy 'reflect'). */
export function edgeMirrorIndex(i: number, n: number): number {
  const period = 2 * n;
  const folded = ((i % period) + period) % period;
  return folded < n ? folded : period - 1 - folded;
}
