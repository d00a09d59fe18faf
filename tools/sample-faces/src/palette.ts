/** Colours as plain sRGB triples 0..255, and the palettes that the portraits are painted with. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** The three tones every shaded surface needs: towards the light, plain, away from it. */
export interface Tones {
  readonly light: Rgb;
  readonly base: Rgb;
  readonly shade: Rgb;
}

export function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** `a` at t = 0, `b` at t = 1. */
export function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

export function css(color: Rgb): string {
  const byte = (v: number) =>
    Math.max(0, Math.min(255, Math.round(v)))
      .toString(16)
      .padStart(2, '0');
  return `#${byte(color[0])}${byte(color[1])}${byte(color[2])}`;
}

/** Hue in degrees, saturation and lightness 0..1. */
export function hsl(hue: number, saturation: number, lightness: number): Rgb {
  const a = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number) => {
    const k = (n + (((hue % 360) + 360) % 360) / 30) % 12;
    return 255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** Perceived brightness 0..1. */
export function luminance(color: Rgb): number {
  return (0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]) / 255;
}

const WHITE: Rgb = [255, 250, 240];

/** Skin from lightest to darkest; neighbours are mixed, so the scale is continuous. */
const SKIN: readonly Rgb[] = [
  '#fbdcc8', '#f6cbb0', '#f0bd98', '#e5a97f', '#d4946a', '#bd7b52', '#a06441', '#835033', '#653b27',
  '#4c2c1f',
].map(rgb); // prettier-ignore

/** @param depth 0 lightest … 1 darkest @param warmth -1 rosy … 1 golden */
export function skinTones(depth: number, warmth: number): Tones {
  const at = depth * (SKIN.length - 1);
  const low = Math.min(Math.floor(at), SKIN.length - 2);
  const plain = mix(SKIN[low] as Rgb, SKIN[low + 1] as Rgb, at - low);
  const base: Rgb = [plain[0], plain[1] + warmth * 3, plain[2] - warmth * 7];
  return {
    light: mix(base, [255, 240, 214], 0.42 - 0.16 * depth),
    base,
    // Shadows of skin are redder than the skin, never grey.
    shade: mix(base, mix([104, 30, 36], [34, 14, 18], depth), 0.42),
  };
}

/** Names follow CelebA's attributes where it has one; red and dyed have none there. */
export type HairColor = 'black' | 'brown' | 'blond' | 'gray' | 'red' | 'dyed';

const HAIR: Record<HairColor, readonly string[]> = {
  black: ['#17131a', '#1f1a22', '#241c1c', '#1b1e2a'],
  brown: ['#3d2519', '#52311f', '#6a4128', '#7b4f31', '#5c3a2c'],
  blond: ['#c99a4e', '#dcb267', '#e8c987', '#b98b48', '#f0d9a2'],
  gray: ['#8e8c90', '#b4b2b4', '#d3d0cf', '#e8e5e2', '#77767c'],
  red: ['#8f3a1c', '#a94a21', '#c4622d', '#7a2c1c'],
  dyed: ['#c2417f', '#3f74b8', '#6a4aa5', '#2f8f83', '#d98fb2'],
};

export function hairChoices(color: HairColor): readonly Rgb[] {
  return HAIR[color].map(rgb);
}

export function hairTones(base: Rgb): Tones {
  return {
    light: mix(base, [255, 226, 186], 0.16 + 0.18 * luminance(base)),
    base,
    shade: mix(base, [24, 10, 22], 0.42),
  };
}

export const IRIS: Record<'brown' | 'hazel' | 'green' | 'blue' | 'gray', Rgb> = {
  brown: rgb('#5a3417'),
  hazel: rgb('#8a6426'),
  green: rgb('#5b8450'),
  blue: rgb('#4a86bd'),
  gray: rgb('#7c8f9c'),
};

/** Cloth in any hue. */
export function clothTones(base: Rgb): Tones {
  return { light: mix(base, WHITE, 0.22), base, shade: mix(base, [20, 14, 40], 0.38) };
}
