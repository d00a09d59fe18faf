import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '@pggan/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTrainingState,
  decodeSafetensors,
  disposeTrainingState,
  disposeWeights,
  encodeSafetensors,
  generateImages,
  libraryVersion,
  loadGenerator,
  saveCheckpoint,
  saveGenerator,
  seededLatents,
  type LoadedGenerator,
} from '../src/index.js';
import { goldenConfig, rawTensors, tensors } from './golden.js';
import { smallOptions } from './train-small.js';

let folder: string;
let path: string;
let made: LoadedGenerator;

beforeAll(async () => {
  await startEngine({ backend: 'wasm' });
  folder = await mkdtemp(join(tmpdir(), 'pggan-generator-'));
  path = join(folder, 'faces.safetensors');
  made = {
    weights: tensors('g_weights'),
    config: goldenConfig(),
    lod: 0.35,
    kimg: 12.5,
    origin: { dataset: { name: 'faces', count: 30_000 } },
  };
  await saveGenerator(path, made);
});
afterAll(async () => {
  disposeWeights(made.weights);
  await rm(folder, { recursive: true });
});

describe('a generator file', () => {
  it('has the official names and layouts, and a header that tells all', async () => {
    const { metadata, tensors: raw } = decodeSafetensors(await readFile(path), path);
    expect(Object.keys(raw)).toEqual(Object.keys(rawTensors('g_weights')).filter((name) => name !== 'lod'));
    expect(raw['8x8/Conv0_up/weight']!.shape).toEqual(rawTensors('g_weights')['8x8/Conv0_up/weight']!.shape);
    expect(metadata).toMatchObject({ format: 'pggan-generator', version: '1', library: libraryVersion });
    expect(JSON.parse(metadata['generator']!)).toEqual({
      config: made.config,
      lod: 0.35,
      kimg: 12.5,
      origin: made.origin,
      absent: [],
    });
  });

  it('comes back as it was and makes the same pictures', async () => {
    const { weights, ...rest } = await loadGenerator(path);
    const { weights: before, ...expected } = made;
    expect(rest).toEqual(expected);
    const latents = seededLatents(1, 2, rest.config.latentSize);
    expect(generateImages(weights, rest.config, latents, rest.lod)).toEqual(
      generateImages(before, rest.config, latents, rest.lod),
    );
    disposeWeights(weights);
  });

  it('damaged, foreign or of another version is refused', async () => {
    const bytes = await readFile(path);
    const { metadata, tensors: raw } = decodeSafetensors(bytes, path);
    const head = JSON.parse(metadata['generator']!);
    const fewer = Object.fromEntries(Object.entries(raw).filter(([name]) => name !== '4x4/Conv/bias'));
    const of = (changes: Record<string, string>, values = raw) =>
      encodeSafetensors({ metadata: { ...metadata, ...changes }, tensors: values });
    const cases: [string, Buffer, string, RegExp][] = [
      ['cut', bytes.subarray(0, -1), 'checkpoint-corrupt', /incomplete/],
      ['version', of({ version: '2' }), 'checkpoint-version', /expected version 1, got 2/],
      [
        'plain',
        encodeSafetensors({ metadata: {}, tensors: raw }),
        'checkpoint-format',
        /plain tensors.*pggan import/,
      ],
      ['no description', of({ generator: '{}' }), 'checkpoint-corrupt', /does not parse/],
      [
        'a description of another network',
        of({ generator: JSON.stringify({ ...head, config: { ...head.config, latentSize: 7 } }) }),
        'checkpoint-corrupt',
        /"4x4\/Dense\/weight" expected of shape \[7,512\], got \[32,512\]/,
      ],
      [
        'a tensor less',
        of({}, fewer),
        'checkpoint-corrupt',
        /"4x4\/Conv\/bias" expected of shape \[32\], got none/,
      ],
    ];
    for (const [name, contents, code, message] of cases) {
      const bad = join(folder, 'bad.safetensors');
      await writeFile(bad, contents);
      await expect(loadGenerator(bad), name).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    }
  });
});

it('a training state says what it was trained on, and gives its generator', async () => {
  const state = createTrainingState(smallOptions({ resolution: 8 }));
  const file = join(folder, 'state.safetensors');
  await saveCheckpoint(file, state, { dataset: 'faces, 30000 images' });
  const { weights, origin, config } = await loadGenerator(file);
  expect(origin).toMatchObject({ dataset: 'faces, 30000 images', library: libraryVersion });
  expect(config.resolution).toBe(8);
  disposeWeights(weights);
  disposeTrainingState(state);
});
