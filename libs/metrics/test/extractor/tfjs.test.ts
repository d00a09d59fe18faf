import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { openExtractor, type ImageBatch } from '../../src/index.js';
import { loadEngine } from '../../src/extractor/tfjs-network.js';
import {
  classifier,
  classifierGraphModel,
  classifierLayersModel,
  writeManifest,
  writeModel,
} from './models.js';

const random = new RandomState(8);
const images: ImageBatch = {
  data: Uint8Array.from({ length: 5 * 432 }, () => random.randint(256)),
  channels: 3,
  width: 12,
  height: 12,
};
const range = [0, 1];
const graphParts = {
  input: { layout: 'nhwc', range, width: 12, height: 12 },
  outputs: { features: 'pooled', logits: 'scores' },
  batch: 3,
};
const layersParts = { ...graphParts, outputs: { features: 'pool', logits: 'dense' } };

let tensors: () => number;

beforeAll(async () => {
  const { startEngine, tf } = await import('@pggan/engine');
  await startEngine({ backend: 'cpu' });
  tensors = () => tf.memory().numTensors;
});

async function both(manifest: string) {
  const extractor = await openExtractor(manifest);
  const found = await extractor.extract(images, ['features', 'probabilities']);
  await extractor.close();
  return { extractor, ...found };
}

describe.each([
  ['graph', classifierGraphModel, graphParts],
  ['layers', classifierLayersModel, layersParts],
] as const)('a TensorFlow.js %s model', (_, write, parts) => {
  it('gives what the same weights give in ONNX, and leaves no tensor', async () => {
    const before = tensors();
    const onnx = await both(
      writeModel(classifier('n'), { input: { range }, outputs: { features: 'pooled', logits: 'logits' } }),
    );
    const { extractor, features, probabilities } = await both(writeManifest(write(), parts));
    expect(extractor).toMatchObject({ runtime: expect.stringMatching(/^tfjs 4.* on cpu$/), batch: 3 });
    expect(features.dimension).toBe(onnx.features.dimension);
    for (const [ours, theirs] of [
      [features.data, onnx.features.data],
      [probabilities.data, onnx.probabilities.data],
    ] as const) {
      expect(ours).toHaveLength(theirs.length);
      // float32 sums in another order.
      ours.forEach((value, i) => expect(Math.abs(value - theirs[i]!)).toBeLessThan(2e-6));
    }
    expect(tensors()).toBe(before);
  });

  it('is known by all its files', async () => {
    const model = write();
    const manifest = writeManifest(model, parts);
    const folder = dirname(manifest);
    const weights = join(folder, model.replace('.json', '.bin'));
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, model)))
      .update(readFileSync(weights));
    const sha256 = sum.digest('hex');
    const first = await openExtractor(writeManifest(model, { ...parts, sha256 }));
    await first.close();
    const bytes = readFileSync(weights);
    bytes[7]! ^= 1;
    writeFileSync(weights, bytes);
    const changed = await openExtractor(manifest);
    await changed.close();
    expect(changed.hash).not.toBe(first.hash);
    await expect(openExtractor(writeManifest(model, { ...parts, sha256 }))).rejects.toMatchObject({
      code: 'extractor-changed',
    });
    truncateSync(weights, 100);
    await expect(openExtractor(manifest)).rejects.toMatchObject({
      code: 'extractor-invalid',
      message: expect.stringMatching(/weightsManifest: expected 1\d+ bytes in .*\.bin, got 100/),
    });
    unlinkSync(weights);
    await expect(openExtractor(manifest)).rejects.toMatchObject({
      code: 'extractor-missing',
      message: expect.stringContaining('.bin: the weights of'),
    });
  });

  it('is refused for outputs that it does not have', async () => {
    await expect(
      openExtractor(writeManifest(write(), { ...parts, outputs: { features: 'pol' } })),
    ).rejects.toMatchObject({
      code: 'output-missing',
      message: expect.stringContaining('did you mean "pool'),
    });
  });
});

describe('files that are no TensorFlow.js model are refused', () => {
  it.each([
    ['text', (text: string) => `${text}}`, 'got no JSON'],
    ['another object', () => '{"modelTopology":{}}', 'weightsManifest: expected array'],
    [
      'weights elsewhere',
      (text: string) => text.replace(/"paths":\["/, '"paths":["../'),
      'expected names of files beside it',
    ],
    ['an operation that nobody knows', (text: string) => text.replaceAll('Conv2D', 'Conv9D'), 'Conv9D'],
  ])('%s', async (_, damage, message) => {
    const model = classifierGraphModel();
    const manifest = writeManifest(model, graphParts);
    const path = join(dirname(manifest), model);
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const extractor = openExtractor(manifest).then((opened) => opened.extract(images, ['features']));
    await expect(extractor).rejects.toMatchObject({
      code: 'extractor-invalid',
      message: expect.stringContaining(message),
    });
  });
});

it('without the engine it is said what to install', async () => {
  // As Node tells it where the optional peer is absent.
  const absent = () => import('@pggan/engine-that-is-not-installed' as '@pggan/engine');
  await expect(loadEngine(absent)).rejects.toMatchObject({
    code: 'runtime-missing',
    message: expect.stringContaining('npm install @pggan/engine'),
  });
});
