/** The enhancer of a build: what its settings are in the main thread, and how a worker opens and uses it. */
import { DatasetError } from '../errors.js';
import type { Enhancer } from '../enhance/enhancer.js';
import type { RgbImage } from '../faces/image.js';
import type { BuildOptions, StageOptions } from './options.js';

type Settings = NonNullable<StageOptions['enhancer']>;

/**
 * Settings of the stage for the enhancer asked for; undefined without one.
 * @throws DatasetError `option-invalid` where there are no faces to enhance, `model-missing`, `model-invalid`,
 * `runtime-missing`
 */
export async function enhancerSettings(
  { enhancer: path, removeArtefacts }: Pick<BuildOptions, 'enhancer' | 'removeArtefacts'>,
  align: StageOptions['align'],
): Promise<Settings | undefined> {
  if (path === undefined) {
    if (!removeArtefacts) return undefined;
    throw new DatasetError(
      'option-invalid',
      '--remove-artefacts: expected a model for it as well (--enhancer), got none',
    );
  }
  if (align === 'none')
    throw new DatasetError(
      'option-invalid',
      `--enhancer ${path}: enhances faces that are cut out; expected --align face, got none`,
    );
  const { onnxEnhancerHash } = await import('../enhance/onnx-enhancer.js');
  return { hash: await onnxEnhancerHash(path), removeArtefacts };
}

/**
 * Opens the enhancer with the first face that needs it. A picture on which it fails is dropped; a model that does not
 * load, or is not the one of the settings, is an error of the job.
 * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`
 */
export function enhancerOpener(path: string | undefined, settings: Settings): () => Promise<Enhancer> {
  let opened: Promise<Enhancer> | undefined;
  return () => (opened ??= open(path, settings));
}

async function open(path: string | undefined, { hash }: Settings): Promise<Enhancer> {
  if (path === undefined)
    throw new DatasetError(
      'model-missing',
      `The faces were enhanced by a model; expected that model (--enhancer, hash ${hash}), got none`,
    );
  const { OnnxEnhancer } = await import('../enhance/onnx-enhancer.js');
  const enhancer = await OnnxEnhancer.open(path);
  if (enhancer.hash !== hash)
    throw new DatasetError(
      'model-invalid',
      `${path}: expected the enhancer with hash ${hash} (model, description and version of ONNX Runtime), ` +
        `got ${enhancer.hash}`,
    );
  return {
    name: enhancer.name,
    factor: enhancer.factor,
    hash,
    enhance: (image) => enhance(enhancer, image),
    close: () => enhancer.close(),
  };
}

async function enhance(enhancer: Enhancer, image: RgbImage): Promise<RgbImage> {
  try {
    return await enhancer.enhance(image);
  } catch (cause) {
    throw new Error((cause as Error).message, { cause });
  }
}
