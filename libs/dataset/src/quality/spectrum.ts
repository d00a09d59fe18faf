/**
 * The frequency-spectrum score of the paper (1710.10196, appendix C), which says of good portraits that their power
 * spectrum covers a broad range of frequencies and is about radially symmetric. The paper gives no formula; ours (with
 * symbols: docs/portrait-scores.md):
 *
 * 1. Luma, less its mean under the window, times a Hann window in both directions; power P(u, v) of its Fourier
 *    transform, scaled so that the sum over all (u, v) is the windowed variance in squared grey levels.
 * 2. r = |(u, v)| in units of Nyquist (half a cycle per pixel of the aligned portrait). The range 1/8 < r ≤ 1 is cut
 *    into 9 third-octave bands, each into 8 sectors of direction (22.5° each, opposite ones being one).
 * 3. Share of a cell: 8 · (its energy + that of rounding to 8 bits) / energy of 0 < r ≤ 1.
 * 4. score = mean over all 72 cells of 10·log10(share), in dB.
 *
 * A mean of logarithms is largest when the cells are alike: it asks for energy in all bands and in all directions. It
 * is the sum of two parts: `detail`, the mean over the bands of 10·log10(energy of the band / energy of all), and
 * `evenness`, the mean over the bands of 10·log10(geometric / arithmetic mean of the sectors), 0 at best.
 *
 * A portrait of up to 256 pixels is measured as a whole, a larger one in five tiles of 256 pixels, one in the middle and
 * four around it, whose energies are added: the cells are the same fractions of Nyquist.
 *
 * Of 32 pixels the lowest band has sectors without any frequency; they are left out.
 *
 * A 1/f² spectrum has −12.5 dB. Frequencies are those of the aligned portrait: a thumbnail that was enlarged has
 * nothing in the upper bands. White noise has −12.4 dB, so that noise is rated apart (noise.ts). Scores of different
 * sizes of portraits must not be compared.
 */
import type { PixelBox, RgbImage } from '../faces/image.js';
import { PowerSpectrum } from './fourier.js';
import { lumaPlane, type LumaPlane } from './luma.js';

export interface SpectrumScore {
  readonly score: number; // dB, about −35 (blurred) to −15 (crisp)
  readonly detail: number; // dB
  readonly evenness: number; // dB, 0 or less
}

const sectors = 8;
const bands = 9;
const cells = bands * sectors;
/** Energy of 0 < r ≤ 1 that belongs to no cell, and energy that does not count at all. */
const [below, none] = [cells, cells + 1];

const largestTile = 256;
/** Middles of the tiles, in shares of the portrait. */
const centreTile = [[0.5, 0.5]] as const;
const fiveTiles = [...centreTile, [0.32, 0.32], [0.68, 0.32], [0.32, 0.68], [0.68, 0.68]] as const;

/** Variance of rounding to whole grey levels. */
const rounding = 1 / 12;
/** Grey levels: a picture of less contrast is measured as if it had this much. */
const leastContrast = 10;

/** Everything that depends on the size only. */
class Plan {
  readonly power: PowerSpectrum;
  readonly windowed: Float64Array;
  readonly window: Float64Array;
  readonly cell: Uint8Array; // of each number that PowerSpectrum gives
  readonly count = new Float64Array(cells + 2); // frequencies of each cell, of both halves of the plane

  constructor(readonly size: number) {
    const half = size / 2;
    this.power = new PowerSpectrum(size);
    this.windowed = new Float64Array(size * size);
    this.window = Float64Array.from(
      { length: size },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size),
    );
    this.cell = new Uint8Array((half + 1) * size);
    for (let u = 0; u <= half; u++) {
      for (let row = 0; row < size; row++) {
        const v = row > half ? row - size : row;
        const r = Math.hypot(u, v) / half;
        const cell = r === 0 || r > 1 ? none : cellOf(r, Math.atan2(v, u));
        this.cell[u * size + row] = cell;
        this.count[cell]! += u === 0 || u === half ? 1 : 2;
      }
    }
  }
}

function cellOf(r: number, angle: number): number {
  const band = Math.ceil(bands + 3 * Math.log2(r)) - 1;
  if (band < 0) return below;
  const sector = (Math.round((angle / Math.PI) * sectors) + sectors) % sectors;
  return band * sectors + sector;
}

let lastPlan: Plan | undefined; // portraits come in one size

/** Smaller portraits have bands without frequencies. */
const leastSide = 32;

/** Of a portrait that is no power of two the middle is measured. Null below 32 pixels a side. */
export function spectrumScore(portrait: RgbImage): SpectrumScore | null {
  const side = Math.min(portrait.width, portrait.height);
  if (side < leastSide) return null;
  const size = Math.min(largestTile, 2 ** Math.floor(Math.log2(side)));
  const plan = lastPlan?.size === size ? lastPlan : (lastPlan = new Plan(size));
  const energy = new Float64Array(cells + 2);
  const tiles = tilesOf(portrait, size);
  for (const tile of tiles) {
    windowInto(plan, lumaPlane(portrait, tile));
    addEnergy(plan, energy, 1 / tiles.length);
  }
  return scoreOf(plan, energy);
}

function tilesOf({ width, height }: RgbImage, size: number): PixelBox[] {
  const centres = Math.min(width, height) < 2 * size ? centreTile : fiveTiles;
  return centres.map(([x, y]) => {
    const [left, top] = [Math.round(x * width - size / 2), Math.round(y * height - size / 2)];
    return { left, top, right: left + size, bottom: top + size };
  });
}

/** The plane is of the plan's size. */
function windowInto({ size, window, windowed }: Plan, { data }: LumaPlane): void {
  let sum = 0;
  for (let y = 0, at = 0; y < size; y++) {
    let line = 0;
    for (let x = 0; x < size; x++, at++) line += data[at]! * window[x]!;
    sum += line * window[y]!;
  }
  const mean = sum / (size / 2) ** 2; // the window's sum is half its length
  for (let y = 0, at = 0; y < size; y++) {
    const weight = window[y]!;
    for (let x = 0; x < size; x++, at++) windowed[at] = (data[at]! - mean) * window[x]! * weight;
  }
}

/** Adds `share` of the energy of each cell, squared grey levels. */
function addEnergy({ size, cell, power, windowed }: Plan, energy: Float64Array, share: number): void {
  const spectrum = power.of(windowed);
  const last = spectrum.length - size; // the first and the last column have no mirror image
  const scale = share / (size ** 4 * (3 / 8) ** 2); // mean of a squared Hann window: 3/8
  for (let at = 0; at < spectrum.length; at++) {
    const times = at < size || at >= last ? scale : 2 * scale;
    energy[cell[at]!]! += times * spectrum[at]!;
  }
}

const decibel = (ratio: number) => 10 * Math.log10(ratio);

function scoreOf({ size, count }: Plan, energy: Float64Array): SpectrumScore {
  const floor = rounding / size ** 2; // per frequency
  let all = energy[below]!;
  for (let cell = 0; cell < cells; cell++) all += energy[cell]!;
  all = Math.max(all, leastContrast ** 2);
  let [detail, evenness] = [0, 0];
  for (let band = 0; band < bands; band++) {
    let [sum, logarithms, used] = [0, 0, 0];
    for (let cell = band * sectors; cell < (band + 1) * sectors; cell++) {
      if (count[cell] === 0) continue;
      used++;
      const value = energy[cell]! + floor * count[cell]!;
      sum += value;
      logarithms += decibel(value);
    }
    detail += decibel(sum / all) / bands;
    evenness += (logarithms / used - decibel(sum / used)) / bands;
  }
  return { score: detail + evenness, detail, evenness };
}
