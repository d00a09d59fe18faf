/** Options of a build that count for faces only, or for whole pictures only. */
import type { BuildOptions, PrepareOptions } from './options.js';

const only: Readonly<Record<PrepareOptions['align'], readonly (keyof BuildOptions)[]>> = {
  face: [
    'faces',
    'alignMode',
    'quad',
    'landmarks',
    'faceModel',
    'enhancer',
    'removeArtefacts',
    'minConfidence',
    'search',
    'detectSide',
    'minFace',
    'maxPad',
  ],
  none: ['fit', 'crop', 'background'],
};

/** Those of the options `given` that change nothing for images that are made so. */
export function withoutEffect(
  given: readonly string[],
  align: PrepareOptions['align'],
): readonly (keyof BuildOptions)[] {
  return only[align === 'face' ? 'none' : 'face'].filter((option) => given.includes(option));
}
