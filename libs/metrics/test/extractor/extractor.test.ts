import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeOnnx } from '@pggan/files';
import { loadOnnxRuntime } from '@pggan/onnx';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { openExtractor, type Extracted, type ImageBatch } from '../../src/index.js';
import { onnxFault } from '../../src/extractor/onnx-network.js';
import {
  classes,
  classifier,
  classifierWeights,
  copies,
  maps,
  means,
  wide,
  writeBytes,
  writeManifest,
  writeModel,
} from './models.js';

/** Images of random levels. */
function noise(count: number, channels: 1 | 3, width: number, height: number, seed = 1): ImageBatch {
  const random = new RandomState(seed);
  const data = Uint8Array.from({ length: count * channels * width * height }, () => random.randint(256));
  return { data, channels, width, height };
}

/** Opens, extracts, closes. */
async function rows<Wanted extends Extracted>(
  manifest: string,
  images: ImageBatch,
  wanted: readonly Wanted[],
) {
  const extractor = await openExtractor(manifest);
  try {
    return await extractor.extract(images, wanted);
  } finally {
    await extractor.close();
  }
}

const features = async (manifest: string, images: ImageBatch) =>
  (await rows(manifest, images, ['features'])).features;

/** Two images of one colour each. */
const coloured: ImageBatch = {
  data: Uint8Array.from([
    ...Array(16).fill(10),
    ...Array(16).fill(20),
    ...Array(16).fill(30),
    ...Array(48).fill(51),
  ]),
  channels: 3,
  width: 4,
  height: 4,
};

describe('what the model sees', () => {
  it('is ordered, ranged and normalised as the manifest says', async () => {
    const input = { width: 'any', height: 'any' };
    const shape = ['n', 3, 'h', 'w'];
    const of = async (more: object) => [
      ...(await features(writeModel(means(shape), { input: { ...input, ...more } }), coloured)).data,
    ];
    expect(await of({})).toEqual([10, 20, 30, 51, 51, 51]);
    expect(await of({ channels: 'bgr' })).toEqual([30, 20, 10, 51, 51, 51]);
    expect(await of({ range: [255, 0] })).toEqual([245, 235, 225, 204, 204, 204]);
    const normalised = { channels: 'bgr', mean: [1, 2, 3], deviation: [2, 4, 0.5] };
    expect(await of(normalised)).toEqual([14.5, 4.5, 14, 25, 12.25, 96]);
    const unit = await of({ range: [-1, 1] });
    [10, 20, 30, 51, 51, 51].forEach((level, i) => expect(unit[i]).toBeCloseTo(level / 127.5 - 1, 6));
  });

  it.each(['nchw', 'nhwc'] as const)('lies in the layout %s, pixel for pixel', async (layout) => {
    const shape = layout === 'nchw' ? ['n', 3, 'h', 'w'] : ['n', 'h', 'w', 3];
    const images = noise(2, 3, 5, 4);
    const manifest = writeModel(
      {
        ...copies(shape),
        outputs: [{ name: 'flat', shape: ['n', 'v'] }],
        operators: [{ op: 'Flatten', inputs: ['picture'], outputs: ['flat'] }],
      },
      { input: { layout, width: 5, height: 4 }, outputs: { features: 'flat' } },
    );
    const seen = await features(manifest, images);
    expect(seen.dimension).toBe(60);
    const at = (image: number, y: number, x: number, c: number) =>
      image * 60 + (layout === 'nchw' ? c * 20 + y * 5 + x : (y * 5 + x) * 3 + c);
    for (let image = 0; image < 2; image++)
      for (let c = 0; c < 3; c++)
        for (let y = 0; y < 4; y++)
          for (let x = 0; x < 5; x++)
            expect(seen.data[at(image, y, x, c)]).toBe(images.data[image * 60 + c * 20 + y * 5 + x]);
  });

  it('is gray thrice for gray images, and in the size of the model', async () => {
    const manifest = writeModel(means(['n', 3, 4, 4]), { resizer: 'lanczos' });
    const gray: ImageBatch = { data: new Uint8Array(64).fill(11), channels: 1, width: 8, height: 8 };
    expect([...(await features(manifest, gray)).data]).toEqual([11, 11, 11]);
  });
});

describe('what the model gives', () => {
  const images = noise(7, 3, 12, 12);

  /** The classifier once more, slow and obvious. */
  function twin({ data }: ImageBatch, image: number) {
    const { kernel, matrix } = classifierWeights;
    const pooled = Array.from({ length: maps }, (_, map) => {
      let sum = 0;
      for (let y = 0; y < 10; y++)
        for (let x = 0; x < 10; x++) {
          let at = 0;
          for (let c = 0; c < 3; c++)
            for (let dy = 0; dy < 3; dy++)
              for (let dx = 0; dx < 3; dx++)
                at +=
                  (data[image * 432 + c * 144 + (y + dy) * 12 + x + dx]! / 255) *
                  kernel[((map * 3 + c) * 3 + dy) * 3 + dx]!;
          sum += Math.max(0, at);
        }
      return sum / 100;
    });
    const logits = Array.from({ length: classes }, (_, j) =>
      pooled.reduce((sum, value, i) => sum + value * matrix[i * classes + j]!, 0),
    );
    const powers = logits.map(Math.exp);
    const total = powers.reduce((a, b) => a + b, 0);
    return { pooled, probabilities: powers.map((power) => power / total) };
  }

  const parts = { input: { range: [0, 1] }, outputs: { features: 'pooled', logits: 'logits' } };

  it.each([
    ['any number of images', 'n', {}],
    ['a batch of 3 of a model for any', 'n', { batch: 3 }],
    ['exactly 4 images', 4, {}],
    ['one image', 1, { batch: 1 }],
  ])('comes from one pass, of a model for %s', async (_, batch, more) => {
    const found = await rows(writeModel(classifier(batch), { ...parts, ...more }), images, [
      'features',
      'probabilities',
    ]);
    expect(found.features.dimension).toBe(maps);
    expect(found.features.data).toHaveLength(7 * maps);
    expect(found.probabilities.data).toHaveLength(7 * classes);
    for (let image = 0; image < 7; image++) {
      const { pooled, probabilities } = twin(images, image);
      // float32 sums of 27 and 100 values about 1, against float64.
      pooled.forEach((value, i) =>
        expect(Math.abs(found.features.data[image * maps + i]! - value)).toBeLessThan(2e-6),
      );
      probabilities.forEach((value, i) =>
        expect(Math.abs(found.probabilities.data[image * classes + i]! - value)).toBeLessThan(2e-6),
      );
    }
  });

  it('is the same to the last bit for any number of threads, and of images at once', async () => {
    const graph = wide();
    const found = [];
    for (const [threads, batch] of [
      [1, 4],
      [2, 4],
      [3, 4],
      [1, 1],
      [2, 3],
    ] as const) {
      const manifest = writeModel(graph, {
        input: { range: [-1, 1] },
        outputs: { features: 'logits' },
        batch,
      });
      const extractor = await openExtractor(manifest, { threads });
      found.push((await extractor.extract(noise(4, 3, 48, 48), ['features'])).features);
      await extractor.close();
    }
    expect(found[0]!.data).toHaveLength(4 * 300);
    for (const other of found) expect(other).toEqual(found[0]);
  });

  it('is taken as it is where the model has probabilities of its own', async () => {
    const manifest = writeModel(classifier('n'), { ...parts, outputs: { probabilities: 'logits' } });
    const { probabilities } = await rows(manifest, images, ['probabilities']);
    expect([...probabilities.data].some((value) => value < 0 || value > 1)).toBe(true);
  });

  it.each([
    ['nchw', ['n', 3, 4, 4]],
    ['nhwc', ['n', 4, 4, 3]],
  ] as const)('is averaged over places where the manifest says so: %s', async (layout, shape) => {
    const manifest = writeModel(copies(shape), {
      input: { layout },
      outputs: { features: 'copy' },
      pool: 'mean',
    });
    expect([...(await features(manifest, coloured)).data]).toEqual([10, 20, 30, 51, 51, 51]);
  });

  it('does not depend on sides of 1', async () => {
    const manifest = writeModel(means(['n', 3, 4, 4], { keep: true }));
    expect(await features(manifest, coloured)).toMatchObject({ dimension: 3 });
  });
});

it('says what it is', async () => {
  const extractor = await openExtractor(
    writeModel(classifier(4), { outputs: { features: 'pooled', logits: 'logits' }, resizer: 'bilinear-tf1' }),
  );
  expect(extractor).toMatchObject({
    name: 'known',
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    runtime: expect.stringMatching(/^onnxruntime \d/),
    resizer: 'bilinear-tf1',
    channels: 3,
    outputs: ['features', 'logits'],
    batch: 4,
  });
  await extractor.close();
});

it('the hash is of the meaning and of the model', async () => {
  const hashOf = async (manifest: string) => {
    const extractor = await openExtractor(manifest);
    await extractor.close();
    return extractor.hash;
  };
  const model = writeBytes('hashed.onnx', encodeOnnx(means(['n', 3, 4, 4])));
  const usual = await hashOf(writeManifest(model));
  const copy = writeBytes('renamed.onnx', encodeOnnx(means(['n', 3, 4, 4])));
  expect(await hashOf(writeManifest(copy, { name: 'other', origin: 'somewhere' }))).toBe(usual);
  const others = [
    writeManifest(model, { input: { range: [0, 1] } }),
    writeManifest(model, { input: { mean: [0, 0, 1] } }),
    writeManifest(model, { resizer: 'bilinear' }),
    writeManifest(writeBytes('other.onnx', encodeOnnx(means([2, 3, 4, 4])))),
  ];
  const hashes = new Set([usual]);
  for (const manifest of others) hashes.add(await hashOf(manifest));
  expect(hashes.size).toBe(5);
  // The same keys in another order.
  const manifest = writeManifest(model);
  const turned = Object.fromEntries(Object.entries(JSON.parse(readFileSync(manifest, 'utf8'))).reverse());
  writeFileSync(manifest, JSON.stringify(turned));
  expect(await hashOf(manifest)).toBe(usual);
});

describe('refusals', () => {
  const model = writeBytes('sound.onnx', encodeOnnx(means(['n', 3, 4, 4])));
  const any = writeBytes('any.onnx', encodeOnnx(means(['n', 3, 'h', 'w'])));
  const sum = createHash('sha256')
    .update(encodeOnnx(means(['n', 3, 4, 4])))
    .digest('hex');

  it.each([
    ['an unknown key', model, { resiser: 'none' }, 'no key "resiser" (did you mean "resizer"?)'],
    [
      'an unknown key of the input',
      model,
      { input: { layuot: 'nchw' } },
      '"layuot" (did you mean "layout"?)',
    ],
    ['an unknown output', model, { outputs: { feature: 'means' } }, '"feature" (did you mean "features"?)'],
    ['no output', model, { outputs: {} }, 'expected at least one of features, logits, probabilities'],
    ['an unknown resizer', model, { resizer: 'nearest' }, 'resizer: expected one of none, bilinear'],
    ['another version', model, { version: 2 }, 'version: expected 1, got 2'],
    ['a flat range', model, { input: { range: [1, 1] } }, 'input.range: expected two different numbers'],
    ['too few means', model, { input: { mean: [1] } }, 'input.mean: expected 3 numbers for rgb, got 1'],
    ['a sha256 that is none', model, { sha256: 'abc' }, 'sha256: expected 64 hexadecimal digits'],
    ['a model of another kind', 'model.pb', {}, 'expected a name that ends in .onnx or .json'],
    ['another size than declared', model, { input: { width: 5 } }, 'expected 4 as the model declares, got 5'],
    ['no size for a model of any', any, {}, 'takes any width; expected input.width in the manifest'],
    [
      'a resizer to any size',
      any,
      { input: { width: 'any', height: 'any' }, resizer: 'lanczos' },
      'expected "none" for an input of any size',
    ],
    ['one side of any size', any, { input: { width: 'any', height: 4 } }, 'both width and height'],
    ['other channels than declared', model, { input: { channels: 'gray' } }, 'expected 1 plane(s)'],
    ['another layout than declared', model, { input: { layout: 'nhwc' } }, 'got an input [?, 3, 4, 4]'],
    ['another input', model, { input: { name: 'x' } }, 'one input of float32 called "x", got "picture"'],
    ['bytes that are no model', writeBytes('no.onnx', 'no'), {}, 'got what ONNX Runtime refuses'],
    [
      'a batch that is not the declared one',
      writeBytes('two.onnx', encodeOnnx(means([2, 3, 4, 4]))),
      { batch: 3 },
      'expected 2 as the model declares, got 3',
    ],
  ])('of %s', async (_, name, parts, message) => {
    await expect(openExtractor(writeManifest(name, parts))).rejects.toMatchObject({
      name: 'MetricsError',
      code: 'extractor-invalid',
      message: expect.stringContaining(message),
    });
  });

  it('of files that are not there, with the way to get them', async () => {
    const manifest = writeManifest('absent.onnx', { origin: 'convert it with tf2onnx' });
    await expect(openExtractor(manifest)).rejects.toMatchObject({
      code: 'extractor-missing',
      message: `${join(dirname(manifest), 'absent.onnx')}: the model of ${manifest}: there is no such file. To get it: convert it with tf2onnx`,
    });
    await expect(openExtractor(join(dirname(manifest), 'none.json'))).rejects.toMatchObject({
      code: 'extractor-missing',
      message: expect.stringContaining('there is no such file; expected the manifest'),
    });
  });

  it('of a model in place of its manifest, and of no JSON', async () => {
    const folder = dirname(writeManifest(model));
    await expect(openExtractor(join(folder, model))).rejects.toMatchObject({
      code: 'extractor-invalid',
      message: expect.stringContaining('"model": "sound.onnx"'),
    });
    writeBytes('broken.json', '{');
    await expect(openExtractor(join(folder, 'broken.json'))).rejects.toMatchObject({
      code: 'extractor-invalid',
      message: expect.stringContaining('got no JSON'),
    });
  });

  it('of models whose runtime is not installed, with how to install it', () => {
    expect(() => loadOnnxRuntime(onnxFault, 'onnxruntime-not-installed')).toThrowError(
      expect.objectContaining({
        name: 'MetricsError',
        code: 'runtime-missing',
        message: expect.stringContaining('npm install onnxruntime-node'),
      }),
    );
  });

  it('of a model that has changed, and not of the right one', async () => {
    const right = await openExtractor(writeManifest(model, { sha256: sum }));
    await right.close();
    const wrong = '0'.repeat(64);
    await expect(openExtractor(writeManifest(model, { sha256: wrong }))).rejects.toMatchObject({
      code: 'extractor-changed',
      message: expect.stringMatching(new RegExp(`expected the SHA-256 ${wrong} .* got ${sum}`)),
    });
  });

  it('of an output that the model does not have', async () => {
    await expect(
      openExtractor(writeManifest(model, { outputs: { features: 'mean' } })),
    ).rejects.toMatchObject({
      code: 'output-missing',
      message: expect.stringContaining(
        'expected an output "mean" as the manifest says, got means; did you mean "means"?',
      ),
    });
  });

  it('of what the extractor does not give', async () => {
    await expect(rows(writeManifest(model), coloured, ['probabilities'])).rejects.toMatchObject({
      code: 'output-missing',
      message: expect.stringContaining('known gives features; expected probabilities'),
    });
    const classes = writeManifest(model, { outputs: { logits: 'means' } });
    await expect(rows(classes, coloured, ['features'])).rejects.toMatchObject({ code: 'output-missing' });
  });

  it('of images that it does not take', async () => {
    const refused = (manifest: string, images: ImageBatch) =>
      expect(features(manifest, images)).rejects.toMatchObject({
        code: 'images-invalid',
        message: expect.stringMatching(/expected gray images|expected images of 4x4, got 8x8/),
      });
    await refused(writeManifest(model), noise(1, 3, 8, 8));
    const gray = writeModel(means(['n', 1, 4, 4]), { input: { channels: 'gray' } });
    expect(await features(gray, noise(1, 1, 4, 4))).toMatchObject({ dimension: 1 });
    await refused(gray, coloured);
    await expect(
      features(writeManifest(model), { ...coloured, data: new Uint8Array(0) }),
    ).rejects.toMatchObject({
      code: 'too-few',
    });
  });

  it('of results that are no numbers, or no rows', async () => {
    const root = writeModel(
      {
        ...means(['n', 3, 4, 4]),
        outputs: [{ name: 'root', shape: ['n', 3] }],
        operators: [...means(['n', 3, 4, 4]).operators, { op: 'Log', inputs: ['means'], outputs: ['root'] }],
      },
      { outputs: { features: 'root' } },
    );
    await expect(features(root, { ...coloured, data: new Uint8Array(96) })).rejects.toMatchObject({
      code: 'features-invalid',
      message: expect.stringContaining('got -Infinity for image 0'),
    });
    const unpooled = writeModel(copies(['n', 3, 4, 4]), { outputs: { features: 'copy' } });
    await expect(features(unpooled, coloured)).rejects.toMatchObject({
      code: 'extractor-invalid',
      message: expect.stringContaining('"pool": "mean"'),
    });
  });
});
