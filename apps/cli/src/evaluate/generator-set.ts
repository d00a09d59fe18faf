import { createHash } from 'node:crypto';
import { evaluationStream, type ImageSet } from '@pggan/metrics';
import {
  generateImages,
  generatorIdentity,
  imageShape,
  toChannelsFirst,
  type LabelRows,
  type LoadedGenerator,
} from '@pggan/model';
import { labelsFor } from '../generate/labels.js';

/**
 * What a generator makes, at full size (facts 8.1): image i is of the i-th latents of a stream that only the seed
 * decides, so that all snapshots of a run are asked for the same.
 * @param labels of real images, given in turn; null, or with too few numbers: classes in turn
 */
export function generatorSet(
  name: string,
  generator: Pick<LoadedGenerator, 'weights' | 'config' | 'lod'>,
  labels: LabelRows | null,
): ImageSet {
  const { weights, config, lod } = generator;
  const { latentSize, labelSize } = config;
  const { width, height } = imageShape(config);
  const shape = { channels: config.numChannels as 1 | 3, width, height };
  return {
    kind: 'generator',
    name,
    shape,
    count: null,
    identity: async () => `${generatorIdentity(generator)}${labelsIdentity(labels, labelSize)}`,
    async *images(first, count, minibatch, seed) {
      const random = evaluationStream(seed, 'latents');
      random.normals(first * latentSize);
      for (let at = 0; at < count; at += minibatch) {
        const images = Math.min(minibatch, count - at);
        const latents = random.normals(images * latentSize);
        const rows = labelRows(labels, first + at, images, labelSize);
        yield {
          ...shape,
          data: toChannelsFirst(generateImages(weights, config, latents, lod, { labels: rows })),
        };
      }
    },
  };
}

/** What images depend on beside weights and latents; nothing for networks without labels. */
function labelsIdentity(labels: LabelRows | null, labelSize: number): string {
  if (labelSize === 0) return '';
  if (!areUsable(labels, labelSize)) return ' with classes in turn';
  const { data, components } = labels;
  const hash = createHash('sha256').update(`${components}\n`).update(new Uint8Array(data.slice().buffer));
  return ` with labels ${hash.digest('hex').slice(0, 16)}`;
}

function areUsable(labels: LabelRows | null, labelSize: number): labels is LabelRows {
  return labels !== null && labels.components >= labelSize;
}

function labelRows(labels: LabelRows | null, first: number, count: number, labelSize: number): Float32Array {
  if (!areUsable(labels, labelSize) || labelSize === 0)
    return labelsFor(undefined, first + count, labelSize).subarray(first * labelSize);
  const rows = new Float32Array(count * labelSize);
  const images = labels.data.length / labels.components;
  for (let i = 0; i < count; i++) {
    const from = ((first + i) % images) * labels.components;
    rows.set(labels.data.subarray(from, from + labelSize), i * labelSize);
  }
  return rows;
}
