import { startEngine, tf } from '@pggan/engine';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeWeights, exportOnnx, type LoadedGenerator } from '../src/index.js';
import { inputsOf, kinds, lodsOf, ourPictures, randomGenerator, type Inputs } from './exported.js';
import { goldenConfig, lods, maxDifference, rawTensors, tensors } from './golden.js';

beforeAll(() => startEngine({ backend: 'wasm' }));

/** float32 on both sides, sums in another order; pictures are within about [-3, 3]. */
const tolerance = 2e-5;

/** What ONNX Runtime makes of the exported file. */
async function theirs(generator: LoadedGenerator, { count, latents, labels }: Inputs, lod: number) {
  const session = await InferenceSession.create(exportOnnx(generator, lod), { logSeverityLevel: 3 });
  const { latentSize, labelSize } = generator.config;
  const { images } = await session.run({
    latents: new Tensor('float32', latents, [count, latentSize]),
    ...(labels ? { labels: new Tensor('float32', labels, [count, labelSize]) } : {}),
  });
  await session.release();
  return { shape: images!.dims, data: images!.data as Float32Array };
}

describe.each(kinds)('%s: ONNX Runtime makes our pictures', (_, input) => {
  it.each(lodsOf(input.resolution))('at lod %d', async (lod) => {
    const generator = randomGenerator(input);
    // The number of samples is free.
    for (const count of [1, 3]) {
      const inputs = inputsOf(generator.config, count);
      const nchw = tf.tidy(() => tf.transpose(ourPictures(generator, inputs, lod), [0, 3, 1, 2]));
      const { shape, data } = await theirs(generator, inputs, lod);
      expect(shape).toEqual(nchw.shape);
      expect(maxDifference(data, nchw.dataSync())).toBeLessThan(tolerance);
      nchw.dispose();
    }
    disposeWeights(generator.weights);
  });
});

describe('the golden generator', () => {
  // No code of ours between file and picture; at whole lods the golden images are copies of the active pixels.
  it.each(lods)('at lod %d makes the golden images', async (lod) => {
    const generator = { weights: tensors('g_weights'), config: goldenConfig(), lod, kimg: null, origin: {} };
    const latents = rawTensors('inputs')['latents']!.data.slice(0, 4 * 32);
    const { shape, data } = await theirs(generator, { count: 4, latents, labels: null }, lod);
    const [, channels, height, width] = shape as [number, number, number, number];
    const wanted = rawTensors('outputs')[`lod${lod}/images`]!.data;
    const factor = 32 / width;
    const full = Float32Array.from(wanted, (_, i) => {
      const [x, y] = [i % 32, Math.floor(i / 32) % 32];
      const plane = Math.floor(i / 1024);
      return data[(plane * height + Math.floor(y / factor)) * width + Math.floor(x / factor)]!;
    });
    expect(channels).toBe(3);
    expect(maxDifference(full, wanted)).toBeLessThan(3e-5);
    disposeWeights(generator.weights);
  });
});

it('says where it comes from, and refuses levels there are not', async () => {
  const generator = randomGenerator({ resolution: 8, fmapBase: 32, fmapMax: 4 });
  const bytes = exportOnnx(generator, 0.5).toString('latin1');
  expect(bytes).toContain('"lod":0.5');
  expect(bytes).toContain('"origin":{"seed":5}');
  for (const lod of [-0.1, 1.01, NaN]) {
    expect(() => exportOnnx(generator, lod)).toThrow(`lod: expected 0 to 1, got ${lod}`);
  }
  const { 'ToRGB_lod1/weight': absent, ...rest } = generator.weights;
  expect(() => exportOnnx({ ...generator, weights: rest }, 1)).toThrow(
    'the generator has no variable "ToRGB_lod1/weight", which lod 1 needs',
  );
  absent!.dispose();
  disposeWeights(rest);
});
