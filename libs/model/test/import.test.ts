import { startEngine, tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  disposeWeights,
  encodeSafetensors,
  decodeSafetensors,
  generate,
  importGenerator,
  parseMapping,
  shippedMappings,
  type LoadedGenerator,
  type RawTensor,
} from '../src/index.js';
import { goldenConfig, maxDifference, rawTensors } from './golden.js';
import { ganZooGenerator, inferenceGenerator, theanoGenerator, type StateDict } from './torch-twin.js';

beforeAll(() => startEngine({ backend: 'wasm' }));

const latentSize = 6;
const maps = [4, 4, 3];
const scales = maps.length - 1;
const random = new RandomState(3);

function normal(...shape: number[]): RawTensor {
  return { shape, data: random.normals(shape.reduce((a, b) => a * b, 1)) };
}

/** The dictionary that a generator of 16x16 with 4, 4 and 2 maps has; biases are far from zero. */
function ganZooDict(): StateDict {
  const layer = (name: string, inputs: number, outputs: number, k: number) => ({
    [`${name}.weight`]: normal(outputs, inputs, k, k),
    [`${name}.bias`]: normal(outputs),
  });
  const dict: StateDict = {
    'formatLayer.weight': normal(16 * 4, latentSize),
    'formatLayer.bias': normal(16 * 4),
    ...layer('groupScale0.0', 4, 4, 3),
  };
  for (const [i, outputs] of [4, 2].entries())
    Object.assign(
      dict,
      layer(`scaleLayers.${i}.0`, 4, outputs, 3),
      layer(`scaleLayers.${i}.1`, outputs, outputs, 3),
    );
  [4, 4, 2].forEach((inputs, i) => Object.assign(dict, layer(`toRGBLayers.${i}`, inputs, 3, 1)));
  return dict;
}

const number = (value: number): RawTensor => ({ shape: [1], data: Float32Array.of(value) });

function inferenceDict(): StateDict {
  const layer = (conv: string, wscale: string, inputs: number, outputs: number, k: number) => ({
    [`${conv}.weight`]: normal(outputs, inputs, k, k),
    [`${wscale}.scale`]: number(0.3 + Math.abs(random.normals(1)[0]!)),
    [`${wscale}.b`]: normal(outputs),
  });
  const dict: StateDict = layer('in_layer.1', 'in_layer.2', latentSize, 4, 4);
  [4, 4, 4, 2, 2].forEach((outputs, i) => {
    const name = `upsampling_layers.${i}`;
    Object.assign(dict, layer(`${name}.conv`, `${name}.wscale`, i === 4 ? 2 : 4, outputs, 3));
  });
  return { ...dict, ...layer('out_layer.1', 'out_layer.2', 2, 3, 1) };
}

function theanoDict(): StateDict {
  const layer = (name: string, shape: number[]) => ({
    [`${name}/W`]: normal(...shape),
    [`${name}/scale`]: number(0.2 + Math.abs(random.normals(1)[0]!)),
    [`${name}/b`]: normal(shape.length === 2 ? shape[1]! : shape[0]!),
  });
  return {
    ...layer('4x4/Dense', [4, latentSize, 4, 4]),
    ...layer('4x4/Conv', [4, 4, 3, 3]),
    ...layer('8x8/Conv0', [4, 4, 3, 3]),
    ...layer('8x8/Conv1', [4, 4, 3, 3]),
    ...layer('16x16/Conv0', [2, 4, 3, 3]),
    ...layer('16x16/Conv1', [2, 2, 3, 3]),
    ...layer('ToRGB_lod0', [2, 3]),
    ...layer('ToRGB_lod1', [4, 3]),
    ...layer('ToRGB_lod2', [4, 3]),
  };
}

const shipped = (name: string) => parseMapping(shippedMappings[name], name);

/** Images [N, C, H, W] of an imported generator, which it disposes of. */
function pictures({ weights, config, lod }: LoadedGenerator, latents: Float32Array): Float32Array {
  const values = tf.tidy(() => {
    const z = tf.tensor2d(latents, [latents.length / config.latentSize, config.latentSize]);
    return tf.transpose(generate(weights, config, z, lod), [0, 3, 1, 2]).dataSync() as Float32Array;
  });
  disposeWeights(weights);
  return values;
}

describe('an imported generator makes the pictures that the other program makes', () => {
  const layouts = [
    ['pytorch-gan-zoo', ganZooDict, ganZooGenerator],
    ['prog-gans-pytorch-inference', inferenceDict, inferenceGenerator],
    ['older-version', theanoDict, theanoGenerator],
  ] as const;
  const cases = (['unfused', 'fused'] as const).flatMap((scaling) =>
    layouts.map(([name, make, twin]) => ({ name, scaling, make, twin })),
  );

  it.each(cases)('$name, $scaling', ({ name, scaling, make, twin }) => {
    const dict = make();
    // Through a file, as a person would bring it.
    const { tensors } = decodeSafetensors(encodeSafetensors({ metadata: {}, tensors: dict }), 'file');
    const imported = importGenerator(tensors, shipped(name), {
      name: 'file',
      ...(scaling ? { scaling } : {}),
    });
    expect(imported.config).toMatchObject({
      resolution: 16,
      numChannels: 3,
      latentSize,
      fmapMax: 4,
      fmapBase: 16,
      fusedScale: scaling === 'fused',
    });
    const latents = random.normals(2 * latentSize);
    const got = pictures(imported, latents);
    const one = 3 * 16 * 16;
    for (const i of [0, 1]) {
      const z = latents.subarray(i * latentSize, (i + 1) * latentSize);
      const wanted = twin(dict, scales, z);
      const largest = Math.max(...wanted.map(Math.abs));
      expect(largest).toBeGreaterThan(0.5);
      // float32 against double; normalising few maps magnifies rounding.
      expect(maxDifference(got.subarray(i * one, (i + 1) * one), wanted)).toBeLessThan(1e-4 * largest);
    }
  });

  it('official variables stay as they are, whatever the networks learn their widths from', () => {
    const golden = rawTensors('g_weights');
    const imported = importGenerator(
      { ...golden, lod: { shape: [], data: Float32Array.of(0) } },
      shipped('official'),
      { name: 'golden' },
    );
    expect(imported.config).toEqual(goldenConfig());
    for (const [name, tensor] of Object.entries(imported.weights)) {
      expect(tensor.dataSync(), name).toEqual(golden[name]!.data);
    }
    disposeWeights(imported.weights);
  });

  it('labels among the inputs are told', () => {
    const { weights, config } = importGenerator(rawTensors('cond_g_weights'), shipped('official'), {
      name: 'golden',
      labelSize: 3,
    });
    expect(config).toMatchObject({ labelSize: 3, latentSize: 8, numChannels: 1, resolution: 8 });
    disposeWeights(weights);
  });
});

describe('what does not fit is named', () => {
  const failure = (dict: StateDict, mapping = 'pytorch-gan-zoo') => {
    const before = tf.memory().numTensors;
    try {
      importGenerator(dict, shipped(mapping), { name: 'w.safetensors' });
    } catch (error) {
      expect(tf.memory().numTensors).toBe(before);
      return error as { code: string; message: string };
    }
    return expect.unreachable('the dictionary was accepted');
  };
  const dict = ganZooDict();

  it('every tensor that is missing', () => {
    for (const name of Object.keys(dict)) {
      const rest = Object.fromEntries(Object.entries(dict).filter(([other]) => other !== name));
      const { code, message } = failure(rest);
      expect([name, code]).toEqual([name, 'import-mismatch']);
      expect(message).toContain(`w.safetensors: "${name}"`);
      expect(message).toContain('missing for a generator of 16x16');
    }
  });

  it('every tensor of another shape', () => {
    for (const [name, { shape }] of Object.entries(dict)) {
      const odd = shape.map((side, i) => (i === 0 ? side + 1 : side));
      const { code, message } = failure({ ...dict, [name]: normal(...odd) });
      expect(code).toBe('import-mismatch');
      // Outputs of one layer are inputs of another: which of the two is wrong nobody can know.
      expect(message).toMatch(/expected|feature maps/);
      const { message: rank } = failure({ ...dict, [name]: normal(...shape, 1) });
      expect(rank).toContain(`"${name}"`);
    }
  });

  it('a tensor too many', () => {
    expect(failure({ ...dict, 'optimizer.step': number(3) })).toMatchObject({
      code: 'import-mismatch',
      message: expect.stringContaining('knows nothing of "optimizer.step"'),
    });
  });

  it('another layout altogether', () => {
    expect(failure(dict, 'official').message).toContain(
      'the tensors of mapping "official" are not there; the file has "formatLayer.weight"',
    );
  });

  it('pictures at a resolution whose toRGB never came', () => {
    const { weights, config } = importGenerator(inferenceDict(), shipped('prog-gans-pytorch-inference'), {
      name: 'w',
    });
    const z = tf.zeros<tf.Rank.R2>([1, latentSize]);
    expect(() => generate(weights, config, z, 1)).toThrow(/hold no variable "ToRGB_lod1\/weight"/);
    disposeWeights(weights);
    z.dispose();
  });
});

it.each([
  [{}, 'schemaVersion: expected 1, got undefined'],
  [{ schemaVersion: 1, name: 'x', tensors: [] }, 'tensors:'],
  [{ schemaVersion: 1, name: 'x', tensors: [{ to: 'a', from: 'b{blok}' }] }, 'got {blok}'],
  [
    { schemaVersion: 1, name: 'x', tensors: [{ to: 'a', from: 'b', fip: [2] }] },
    'tensors.0: Unrecognized key: "fip"',
  ],
  [
    { schemaVersion: 1, name: 'x', tensors: [{ to: 'a', from: 'b' }], ignore: ['('] },
    'ignore: Invalid regular',
  ],
])('a mapping that says %j is refused', (input, message) => {
  expect(() => parseMapping(input, 'm.json')).toThrow(message);
  expect(() => parseMapping(input, 'm.json')).toThrow('m.json is no mapping of weights');
});
