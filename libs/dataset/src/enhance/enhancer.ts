/** What enlarges pictures of faces, or cleans them: the place of the paper's super-resolution and artefact networks. */
import type { RgbImage } from '../faces/image.js';
import { resizeLanczos } from '../faces/lanczos.js';

export interface Enhancer {
  readonly name: string; // for people
  readonly factor: number; // sides of the result by sides of the picture; 1: only removes artefacts
  readonly hash: string; // of everything that decides the result
  /** The picture, `factor` times as wide and high. Calls do not overlap. */
  enhance(image: RgbImage): Promise<RgbImage>;
  /** Free what it holds. It cannot be used afterwards. */
  close(): Promise<void>;
}

export interface EnhanceOptions {
  readonly enhancer: Enhancer;
  /** Also faces that need no enlargement go through an enhancer that enlarges, and are reduced again; default false. */
  readonly removeArtefacts?: boolean;
}

/** Plain Lanczos enlargement, which is what the official tool does. */
export function lanczosEnhancer(factor = 2): Enhancer {
  return {
    name: `Lanczos x${factor}`,
    factor,
    hash: `lanczos-${factor}`,
    enhance: (image) => Promise.resolve(resizeLanczos(image, image.width * factor, image.height * factor)),
    close: () => Promise.resolve(),
  };
}

/** How often an enhancer is applied to come nearest to `factor`; once at least where it is wanted. */
function passes(factor: number, { enhancer, removeArtefacts = false }: EnhanceOptions): number {
  if (enhancer.factor === 1) return 1;
  if (factor === 1) return removeArtefacts ? 1 : 0;
  return Math.max(1, Math.round(Math.log(factor) / Math.log(enhancer.factor)));
}

/**
 * The picture enlarged by exactly `factor` (1, 2, 4, …): the enhancer as often as comes nearest, Lanczos for the rest.
 * @throws DatasetError those of the enhancer
 */
export async function enhanceBy(image: RgbImage, factor: number, options: EnhanceOptions): Promise<RgbImage> {
  let enhanced = image;
  for (let left = passes(factor, options); left > 0; left--)
    enhanced = await options.enhancer.enhance(enhanced);
  const [width, height] = [image.width * factor, image.height * factor];
  return enhanced.width === width ? enhanced : resizeLanczos(enhanced, width, height);
}
