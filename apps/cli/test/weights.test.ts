/** Commands that use weights without training: files made here, the real program in this process. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy, encodeOnnx } from '@pggan/files';
import { startEngine, tf } from '@pggan/engine';
import {
  disposeWeights,
  encodeSafetensors,
  generatorVariables,
  loadGenerator,
  networkConfigSchema,
  saveGenerator,
  seededLatents,
  shippedMappings,
  type RawTensor,
} from '@pggan/model';
import { RandomState } from '@pggan/random';
import { TFRecordExporter } from '@pggan/dataset';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere, temporaryFolder } from './support.js';

const cpu = ['--backend', 'cpu'];
const config = networkConfigSchema.parse({ resolution: 16, baseHeight: 3, fmapBase: 64, fmapMax: 4 });
let root: string;
let model: string;

/** Random weights by our names. */
function dictionary(seed: number): Record<string, RawTensor> {
  const random = new RandomState(seed);
  return Object.fromEntries(
    generatorVariables(config).map(({ name, shape }) => {
      const data = random.normals(shape.reduce((a, b) => a * b, 1));
      return [name, { shape, data: name.endsWith('bias') ? data.map((x) => x * 0.1) : data }];
    }),
  );
}

beforeAll(async () => {
  root = await temporaryFolder();
  model = join(root, 'faces.safetensors');
  await startEngine({ backend: 'cpu' });
  const weights = Object.fromEntries(
    Object.entries(dictionary(1)).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
  await saveGenerator(model, { weights, config, lod: 0, kimg: null, origin: { made: 'for a test' } });
  disposeWeights(weights);
});

async function pixels(path: string) {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

describe('pggan generate', () => {
  it('writes its latents, and makes the same pictures of them', async () => {
    const [a, b, z] = [join(root, 'a'), join(root, 'b'), join(root, 'z.npy')];
    const first = await runHere('generate', model, '--seeds', '7,3', '--out', a, '--save-latents', z, ...cpu);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('2 pictures of 16x12') });
    expect(await readFile(z)).toEqual(
      encodeNpy(Float32Array.from([7, 3].flatMap((seed) => [...seededLatents(seed, 1, config.latentSize)])), [
        2,
        config.latentSize,
      ]),
    );
    const second = await runHere('generate', model, '--latents', z, '--out', b, ...cpu, '--json');
    expect(JSON.parse(second.stdout).pictures).toEqual(
      ['latent0000', 'latent0001'].map((name) => join(b, `${name}.png`)),
    );
    expect(await readFile(join(b, 'latent0000.png'))).toEqual(await readFile(join(a, 'seed0007.png')));
    expect(await readFile(join(b, 'grid.png'))).toEqual(await readFile(join(a, 'grid.png')));
  });

  it('makes pictures of a lower resolution in their own size', async () => {
    const out = join(root, 'low');
    const made = await runHere('generate', model, '--resolution', '8', '--seeds', '1', '--out', out, ...cpu);
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('1 pictures of 8x6') });
    expect(await pixels(join(out, 'seed0001.png'))).toMatchObject({ width: 8, height: 6 });
    expect(await runHere('generate', model, '--resolution', '32', ...cpu)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--resolution: the model has reached 16 (16x12 pixels), got 32'),
    });
  });

  it.each([
    ['nowhere.npy', undefined, 'nowhere.npy: cannot be read (ENOENT)'],
    ['text.npy', Buffer.from('z'), 'text.npy: does not start with the NumPy signature'],
    [
      'wide.npy',
      encodeNpy(new Float32Array(6), [2, 3]),
      'expected an array of shape (pictures, 4), got (2,3)',
    ],
    ['nan.npy', encodeNpy(Float32Array.of(1, 2, 3, 4, 5, NaN, 7, 8), [2, 4]), 'row 1 holds NaN'],
  ])('refuses latents such as %s', async (name, bytes, message) => {
    const path = join(root, name);
    if (bytes) await writeFile(path, bytes);
    const { code, stderr } = await runHere('generate', model, '--latents', path, ...cpu);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
  });
});

it('pggan interpolate makes a film of a lower resolution', async () => {
  const out = join(root, 'film');
  const made = await runHere(
    ...[
      'interpolate',
      model,
      '--resolution',
      '8',
      '--grid',
      '2x1',
      '--seconds',
      '0.1',
      '--smoothing',
      '0',
      '--out',
      out,
      ...cpu,
    ],
  );
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('3 frames of 16x6') });
  expect(await sharp(join(out, 'interpolation.webp'), { animated: true }).metadata()).toMatchObject({
    width: 16,
    pageHeight: 6,
    pages: 3,
  });
});

describe('pggan export', () => {
  it.each([
    ['onnx', [], 'faces-16x12.onnx', ['faces-16x12.onnx']],
    ['onnx', ['--lod', '0.5'], 'faces-16x12-lod0.5.onnx', ['faces-16x12-lod0.5.onnx']],
    ['tfjs', ['--resolution', '8'], 'faces-8x6-tfjs', ['group1-shard1of1.bin', 'model.json']],
    ['safetensors', [], 'faces-generator.safetensors', ['faces-generator.safetensors']],
  ] as const)('as %s %j', async (format, options, name, files) => {
    const { code, stdout, stderr } = await runHere('export', model, '--format', format, ...options, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(name) });
    const result = JSON.parse(stdout);
    expect(result.files.map((path: string) => path.split('/').at(-1))).toEqual(files);
    for (const path of result.files) expect((await readFile(path)).length).toBeGreaterThan(100);
    if (format !== 'safetensors') return;
    const { weights, ...rest } = await loadGenerator(result.files[0]);
    expect(rest).toEqual({ config, lod: 0, kimg: null, origin: { made: 'for a test' } });
    disposeWeights(weights);
  });

  it('refuses a level the network does not have', async () => {
    expect(await runHere('export', model, '--format', 'onnx', '--lod', '2.5')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('lod: expected 0 to 2, got 2.5'),
    });
  });
});

describe('pggan import', () => {
  it('brings in a dictionary by a mapping of its own, which makes the same pictures', async () => {
    const [theirs, mapping, mine] = ['theirs.safetensors', 'map.json', 'mine.safetensors'].map((n) =>
      join(root, n),
    );
    const shown = await runHere('import', '--mapping', 'official', '--show');
    expect(JSON.parse(shown.stdout).tensors.length).toBeGreaterThan(4);
    const own = {
      ...shippedMappings['official'],
      name: 'prefixed',
      network: { baseHeight: 3, fusedScale: true },
      tensors: shippedMappings['official']!.tensors.map((tensor) => ({
        ...tensor,
        from: `G.${tensor.from}`,
      })),
      ignore: ['step'],
    };
    await writeFile(mapping!, JSON.stringify(own));
    const renamed = Object.entries(dictionary(1)).map(([name, tensor]) => [`G.${name}`, tensor] as const);
    const tensors = Object.fromEntries([...renamed, ['step', { shape: [], data: Float32Array.of(5) }]]);
    await writeFile(theirs!, encodeSafetensors({ metadata: {}, tensors }));
    const made = await runHere(
      ...['import', theirs!, '--mapping', mapping!, '--out', mine!, '--scaling', 'unfused'],
    );
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/a generator of 16x12 with \d+ parameters: /),
    });
    const [a, b] = [join(root, 'original'), join(root, 'imported')];
    for (const [file, out] of [
      [model, a],
      [mine!, b],
    ] as const)
      expect((await runHere('generate', file, '--seeds', '1-4', '--out', out, ...cpu)).code).toBe(0);
    const [one, other] = [await pixels(join(a, 'grid.png')), await pixels(join(b, 'grid.png'))];
    // Fused and unfused agree to rounding, which a byte may or may not show.
    expect(Math.max(...one.data.map((value, i) => Math.abs(value - other.data[i]!)))).toBeLessThanOrEqual(1);
    expect(new Set(one.data).size).toBeGreaterThan(50);
  });

  it('says what does not fit', async () => {
    const file = join(root, 'half.safetensors');
    const tensors = Object.fromEntries(Object.entries(dictionary(1)).slice(1));
    await writeFile(file, encodeSafetensors({ metadata: {}, tensors }));
    expect(await runHere('import', file, '--mapping', 'official')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        '"4x4/Dense/weight" of mapping "official" missing for a generator of 16x16',
      ),
    });
    expect(await runHere('import', file, '--mapping', 'offical')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--mapping: expected one of official, official-unfused'),
    });
    await writeFile(join(root, 'no.json'), '{');
    expect(await runHere('import', file, '--mapping', join(root, 'no.json'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no.json is not JSON'),
    });
  });
});

describe('pggan neighbours', () => {
  let data: string;
  beforeAll(async () => {
    // A dataset that holds the model's own pictures among noise, so that it is known what is nearest.
    data = join(root, 'data');
    const out = join(root, 'known');
    await runHere('generate', model, '--seeds', '1-3', '--out', out, ...cpu);
    const exporter = await TFRecordExporter.create(data, {
      size: { width: 16, height: 12 },
      channels: 3,
      name: 'known',
    });
    const random = new RandomState(4);
    for (let i = 0; i < 30; i++) {
      const planes = Uint8Array.from(random.normals(3 * 192), (x) =>
        Math.min(255, Math.max(0, 128 + 60 * x)),
      );
      if (i % 10 === 5) {
        const { data: interleaved } = await pixels(join(out, `seed000${(i + 5) / 10}.png`));
        for (let p = 0; p < 192; p++)
          for (let c = 0; c < 3; c++) planes[c * 192 + p] = interleaved[3 * p + c]!;
      }
      await exporter.add(planes);
    }
    await exporter.finish();
  });

  it('finds what was learnt by heart, in pixels', async () => {
    const out = join(root, 'near');
    const options = ['--seeds', '1-3', '--neighbours', '2', '--data', data, '--out', out, '--json'];
    const { code, stdout, stderr } = await runHere('neighbours', model, ...options, ...cpu);
    expect(code, stderr).toBe(0);
    const { samples, picture } = JSON.parse(stdout);
    expect(samples.map((sample: { neighbours: object[] }) => sample.neighbours[0])).toEqual(
      [5, 15, 25].map((record) => ({ record, distance: 0 })),
    );
    expect(stderr).toContain('5 (0.00)');
    expect((await pixels(picture)).width).toBeGreaterThan(3 * 48);
  });

  it('and in the features of a network', async () => {
    const onnx = join(root, 'mean.onnx');
    await writeFile(
      onnx,
      encodeOnnx({
        inputs: [{ name: 'picture', shape: [1, 3, 8, 8] }],
        outputs: [{ name: 'means', shape: [1, 3] }],
        operators: [
          {
            op: 'ReduceMean',
            inputs: ['picture'],
            outputs: ['means'],
            attributes: { axes: [2, 3], keepdims: 0 },
          },
        ],
      }),
    );
    const extractor = join(root, 'mean.json');
    const manifest = {
      ...{ format: 'pggan-extractor', version: 1, name: 'means', model: 'mean.onnx', resizer: 'lanczos' },
      ...{ input: { layout: 'nchw', channels: 'rgb', range: [0, 1] }, outputs: { features: 'means' } },
    };
    await writeFile(extractor, JSON.stringify(manifest));
    const near = (file: string) =>
      runHere(
        ...['neighbours', model, '--seeds', '2', '--neighbours', '1', '--data', data, '--extractor', file],
        ...['--out', join(root, 'seen'), '--json', ...cpu],
      );
    const { code, stdout, stderr } = await near(extractor);
    expect(code, stderr).toBe(0);
    expect(await near(onnx)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mean.onnx: expected the manifest of a feature extractor, got a model'),
    });
    expect(JSON.parse(stdout)).toMatchObject({
      space: 'features',
      samples: [{ seed: 2, neighbours: [{ record: 15, distance: 0 }] }],
    });
  });

  it('says what is missing', async () => {
    expect(await runHere('neighbours', model, ...cpu)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--data: expected a dataset'),
    });
    const square = join(root, 'square');
    const exporter = await TFRecordExporter.create(square, { size: 16, channels: 3, name: 'square' });
    await exporter.add(new Uint8Array(768));
    await exporter.finish();
    expect(await runHere('neighbours', model, '--data', square, ...cpu)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'expected images of 16x12 with 3 channel(s), its largest are 16x16 with 3',
      ),
    });
  });
});

it('the folder holds nothing but what was asked for', async () => {
  expect((await readdir(root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
