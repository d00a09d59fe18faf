/** Bytes without a pattern, a half of them extreme values, the same on every run. */
let state = 7;

export function bytes(length: number): Uint8Array {
  return new Uint8Array(length).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const value = state >>> 23;
    return value < 256 ? value : value < 384 ? 0 : 255;
  });
}
