/** The photographs of PGGAN_TEST_DATA with their five points, as portraits of one size. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { alignFace } from '../../src/faces/align.js';
import type { RgbImage } from '../../src/faces/image.js';
import { computeQuad } from '../../src/faces/quad.js';
import type { PortraitSource } from '../../src/quality/face-quality.js';
import { fromSharp, scaled, type Degradation } from './degrade.js';

export interface Photograph {
  readonly file: string; // in the folder of the data
  readonly points: readonly number[]; // ten numbers, LANDMARK order
}

/** Those in which a face was found. */
export function photographs(data: string): Photograph[] {
  const lines = readFileSync(join(data, 'faces-index.csv'), 'utf8').trim().split('\n').slice(1);
  return lines
    .map((line) => line.split(','))
    .filter((cells) => cells[8])
    .map((cells) => ({ file: cells[0]!, points: cells.slice(8, 18).map(Number) }));
}

/** A picture at the size at which it is degraded. */
export interface Loaded {
  readonly picture: RgbImage;
  readonly points: readonly number[]; // ten numbers, LANDMARK order
}

export interface Portrait {
  readonly image: RgbImage;
  readonly source: PortraitSource;
}

/**
 * The photograph, reduced first where its face is larger than the portrait, so that a degradation of so many pixels
 * means about the same for all.
 */
export async function loadPhotograph(
  data: string,
  { file, points }: Photograph,
  size: number,
): Promise<Loaded> {
  const picture = await fromSharp(sharp(join(data, file)).autoOrient());
  const { zoom } = computeQuad(points, { outputSize: size });
  if (zoom >= 1) return { picture, points };
  return { picture: await scaled(picture, zoom), points: points.map((value) => value * zoom) };
}

/** Degraded, if at all, before it is aligned, as pictures are. */
export async function portraitOf(
  { picture, points }: Loaded,
  size: number,
  degrade?: Degradation,
  seed = 0,
): Promise<Portrait> {
  const image = degrade ? await degrade(picture, seed) : picture;
  const { quad } = computeQuad(points, { outputSize: size });
  const aligned = alignFace(image, points, { outputSize: size, warpSize: 2 * size }).image;
  return { image: aligned, source: { image, quad, points } };
}
