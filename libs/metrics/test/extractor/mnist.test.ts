/** Real classifiers on real digits: where layout, range or order were wrong they would guess. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { extractFeatures, mostProbableClasses, openExtractor, type ImageBatch } from '../../src/index.js';
import { folder, writeManifest } from './models.js';

const testData = process.env['PGGAN_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data');
const models = join(testData, 'models', 'mnist-classifier');
const absent = !existsSync(models);
const why = absent ? ' (skipped: no models in PGGAN_TEST_DATA)' : '';
const count = 10_000;

function digits(): { images: ImageBatch; labels: Uint8Array } {
  const read = (name: string) => gunzipSync(readFileSync(join(testData, 'mnist', name)));
  const data = read('t10k-images-idx3-ubyte.gz').subarray(16, 16 + count * 784);
  const images: ImageBatch = { data: Uint8Array.from(data), channels: 1, width: 28, height: 28 };
  return { images, labels: read('t10k-labels-idx1-ubyte.gz').subarray(8, 8 + count) };
}

const input = { channels: 'gray', width: 28, height: 28 };

it.skipIf(absent).each([
  [
    'mnist-8.onnx',
    {
      input: { ...input, layout: 'nchw', range: [0, 255] },
      outputs: { logits: 'Plus214_Output_0' },
      sha256: '2f06e72de813a8635c9bc0397ac447a601bdbfa7df4bebc278723b958831c9bf',
    },
    9891,
  ],
  [
    'tfjs-lenet/mnist.json',
    {
      input: { ...input, layout: 'nhwc', range: [0, 1] },
      outputs: { probabilities: 'dense_Dense3', features: 'dense_Dense2' },
      batch: 100,
    },
    9764,
  ],
] as const)(
  `%s knows as many digits of MNIST's test set as it is known to${why}`,
  async (model, parts, known) => {
    const { startEngine } = await import('@pggan/engine');
    await startEngine({ backend: 'wasm' });
    const { images, labels } = digits();
    const local = join(folder, model.split('/').pop()!);
    copyFileSync(join(models, model), local);
    if (model.endsWith('.json'))
      copyFileSync(join(models, 'tfjs-lenet', 'mnist.weights.bin'), join(folder, 'mnist.weights.bin'));
    const extractor = await openExtractor(writeManifest(model.split('/').pop()!, parts));
    const { probabilities } = await extractFeatures([images], extractor, { keep: ['probabilities'] });
    await extractor.close();
    expect(probabilities.dimension).toBe(10);
    const classes = mostProbableClasses(probabilities);
    const right = labels.reduce((sum, label, i) => sum + (classes[i] === label ? 1 : 0), 0);
    // On another processor a digit on the edge may fall to the other side.
    expect(Math.abs(right - known)).toBeLessThanOrEqual(2);
  },
);
