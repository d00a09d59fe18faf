/** Decibels; Infinity for equal bytes. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return NaN;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}
