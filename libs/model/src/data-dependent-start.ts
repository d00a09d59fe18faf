import { tf } from '@pggan/engine';
import { imageShape } from './image-shape.js';
import { startFrom } from './layers/minibatch-discrimination.js';
import { splitLod, type LodPoint } from './lod.js';
import { discriminatorFeatures } from './networks.js';
import type { ImageReader } from './reader.js';
import { bytesToTensor, processReals } from './reals.js';
import type { SchedulePoint } from './schedule.js';
import type { TrainingState } from './training-state.js';

/** Real images that minibatch discrimination starts from (facts 6), where the data set has as many. */
const mostImages = 500;

/**
 * Sets scales and biases of minibatch discrimination from real images before the first step; does
 * nothing without such a layer. The reader is put back, so that training sees the same images.
 */
export async function startFromData(
  state: TrainingState,
  reader: ImageReader,
  point: SchedulePoint,
): Promise<void> {
  const { network } = state.options;
  if (network.minibatchDiscriminationKernels === 0) return;
  const { level } = splitLod(point.lod);
  const { width, height } = imageShape(network, level);
  const steady: LodPoint = { level, fade: null };
  // Not one twice: an image is no distance from itself.
  const images = Math.min(mostImages, reader.count);
  const features: tf.Tensor2D[] = [];
  const cursor = reader.state();
  for (let read = 0; read < images; read += point.minibatch) {
    const count = Math.min(point.minibatch, images - read);
    const bytes = await reader.next(Math.log2(point.resolution), count);
    features.push(
      tf.tidy(() => {
        const values = bytesToTensor(bytes, [count, network.numChannels, height, width]);
        return discriminatorFeatures(state.D, network, processReals(values, null, null), steady);
      }),
    );
  }
  reader.restore(cursor);
  const started = tf.tidy(() => startFrom(tf.concat(features), state.D));
  tf.dispose(features);
  for (const [name, tensor] of Object.entries(started)) {
    state.D[name]?.dispose();
    state.D[name] = tensor;
  }
}
