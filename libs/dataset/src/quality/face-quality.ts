/** All that is measured of a portrait and of what it was cut from, and the one number that ranks them. */
import type { RgbImage } from '../faces/image.js';
import { blockiness } from './blockiness.js';
import { exposure } from './exposure.js';
import { jpegQuality } from './jpeg-quality.js';
import { lumaPlane } from './luma.js';
import { noiseLevel } from './noise.js';
import { boxOfQuad, faceInQuad, quadSide } from './portrait-area.js';
import { fivePointPose } from './pose.js';
import { spectrumScore } from './spectrum.js';

/** What a portrait was cut from. Coordinates are pixels of `image`. */
export interface PortraitSource {
  readonly image: RgbImage; // as decoded, before any resampling
  readonly quad: ArrayLike<number>; // corners of the portrait: top-left, bottom-left, bottom-right, top-right
  readonly file?: Uint8Array | undefined; // the picture's bytes
  readonly points?: ArrayLike<number> | undefined; // five, LANDMARK order
}

/** Null: not known, or nothing to measure it by. */
export interface FaceQuality {
  readonly quality: number | null; // dB, see overallQuality; null below 32 pixels a side
  readonly spectrum: number | null; // dB, with its parts: see spectrum.ts
  readonly detail: number | null; // dB
  readonly evenness: number | null; // dB, 0 at best
  readonly noise: number | null; // grey levels
  readonly blockiness: number | null; // grey levels
  readonly jpegQuality: number | null; // 1…100
  readonly brightness: number; // of the face, 0…255
  readonly contrast: number; // grey levels
  readonly dark: number; // share of the face lost in black, 0…1
  readonly bright: number; // share of the face lost in white, 0…1
  readonly yaw: number | null; // degrees, see pose.ts
  readonly pitch: number | null;
  readonly roll: number | null;
  readonly turn: number | null;
}

/** `portrait`: aligned, square. `source`: null where only the portrait is left. */
export function faceQuality(portrait: RgbImage, source: PortraitSource | null): FaceQuality {
  const spectrum = spectrumScore(portrait);
  const artefacts = source
    ? sourceArtefacts(portrait, source)
    : { noise: portraitNoise(portrait), blockiness: null };
  const pose = source?.points ? fivePointPose(source.points) : null;
  return {
    quality: spectrum && overallQuality(spectrum.score, artefacts.noise, artefacts.blockiness),
    spectrum: spectrum?.score ?? null,
    detail: spectrum?.detail ?? null,
    evenness: spectrum?.evenness ?? null,
    ...artefacts,
    jpegQuality: source?.file ? jpegQuality(source.file) : null,
    ...exposure(portrait),
    yaw: pose?.yaw ?? null,
    pitch: pose?.pitch ?? null,
    roll: pose?.roll ?? null,
    turn: pose?.turn ?? null,
  };
}

/** Grey levels at which noise and blocks cost 3 dB; chosen on half of the photographs, see docs/portrait-scores.md. */
const tolerable = { noise: 1.5, blockiness: 2 };

/**
 * The spectrum score less what noise and blocks take away, 10·log10(1 + (strength / tolerable)²) dB each. Blur, motion
 * and enlargement lower the first; noise and blocks raise it or leave it, and cost more than they add. What is not
 * known costs nothing.
 */
export function overallQuality(spectrum: number, noise: number | null, blocks: number | null): number {
  const cost = (strength: number, limit: number) => 10 * Math.log10(1 + (strength / limit) ** 2);
  return spectrum - cost(noise ?? 0, tolerable.noise) - cost(blocks ?? 0, tolerable.blockiness);
}

/** Blocks smaller than this in the portrait have been averaged away, pixels. */
const leastBlock = 2;
/** Of larger faces the middle is measured, pixels. */
const mostSide = 512;

/**
 * Noise is white, and blocks are 8 pixels wide, in the source only; but of a source that was reduced the portrait shows
 * the noise that is left.
 */
function sourceArtefacts(
  portrait: RgbImage,
  { image, quad }: PortraitSource,
): { noise: number | null; blockiness: number | null } {
  const zoom = portrait.width / quadSide(quad);
  if (8 * zoom < leastBlock) return { noise: portraitNoise(portrait), blockiness: 0 };
  const box = boxOfQuad(quad, image.width, image.height, mostSide);
  const luma = lumaPlane(image, box);
  return {
    noise: zoom > 1 ? noiseLevel(luma, faceInQuad(quad, box)) : portraitNoise(portrait),
    blockiness: blockiness(luma),
  };
}

function portraitNoise(portrait: RgbImage): number | null {
  const { width, height } = portrait;
  const whole = [0, 0, 0, height, width, height, width, 0];
  const box = boxOfQuad(whole, width, height, mostSide);
  return noiseLevel(lumaPlane(portrait, box), faceInQuad(whole, box));
}
