/**
 * `16x16 fading in` while lod has a fraction, else `16x16`. The new resolution is named from the first
 * moment of its fade-in (facts section 4).
 * @param finalResolution side of the finished network, 2^R
 * @param lod levels still missing, 0 at full size
 */
export function describePhase(finalResolution: number, lod: number): string {
  const side = finalResolution / 2 ** Math.floor(lod);
  return Number.isInteger(lod) ? `${side}x${side}` : `${side}x${side} fading in`;
}
