import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
  loadCheckpoint,
  loadGenerator,
  saveCheckpoint,
  train,
  type TrainingState,
} from '../src/index.js';
import { MemoryReader } from './memory-reader.js';
import { smallOptions, stateContents } from './train-small.js';

let folder: string;
let path: string;
let bytes: Buffer;
let state: TrainingState;

beforeAll(async () => {
  await startEngine({ backend: 'cpu' });
  folder = await mkdtemp(join(tmpdir(), 'pggan-checkpoint-'));
  path = join(folder, 'state.safetensors');
  const options = smallOptions({ resolution: 8, maps: 2, totalKimg: 0.048 });
  ({ state } = await train({ options, reader: new MemoryReader(8) }));
  await saveCheckpoint(path, state);
  bytes = await readFile(path);
});
afterAll(async () => {
  disposeTrainingState(state);
  await rm(folder, { recursive: true });
});

/** The message and code that loading a file of these bytes ends in. */
async function failure(contents: Buffer | string): Promise<{ code: string; message: string }> {
  const file = join(folder, 'bad.safetensors');
  await writeFile(file, contents);
  return loadCheckpoint(file).then(
    () => expect.unreachable('the file was accepted'),
    (error) => error,
  );
}

describe('a training state', () => {
  it('comes back as it was', async () => {
    const loaded = await loadCheckpoint(path);
    expect(stateContents(loaded)).toEqual(stateContents(state));
    expect(loaded.progress).toEqual(state.progress);
    expect(loaded.options).toEqual(state.options);
    disposeTrainingState(loaded);
  });

  it('before the first step, too', async () => {
    const fresh = createTrainingState(smallOptions({ resolution: 8 }));
    const file = join(folder, 'fresh.safetensors');
    await saveCheckpoint(file, fresh);
    const loaded = await loadCheckpoint(file);
    expect(stateContents(loaded)).toEqual(stateContents(fresh));
    [fresh, loaded].forEach(disposeTrainingState);
  });

  it('of a version without labels and LSGAN is read as one that has used neither', async () => {
    const { metadata, tensors } = decodeSafetensors(bytes, 'state');
    const { 'loss/fake_score': dropped, ...rest } = tensors;
    expect(dropped).toBeDefined();
    const head = JSON.parse(metadata['state']!);
    delete head.random.labels;
    delete head.random.noise;
    for (const added of ['loss', 'lsgan', 'condition', 'simultaneous']) delete head.options[added];
    for (const added of ['architecture', 'baseWidth', 'baseHeight', 'useBatchnorm', 'tanhOutput']) {
      delete head.options.network[added];
    }
    const file = join(folder, 'old.safetensors');
    const old = { ...metadata, state: JSON.stringify(head) };
    await writeFile(file, encodeSafetensors({ metadata: old, tensors: rest }));
    const loaded = await loadCheckpoint(file);
    // Nothing was drawn for labels or noise in this run, so that fresh streams are the right ones; the
    // average of the fakes' scores is what an old file has lost, and only LSGAN reads it.
    const { 'loss/fakeScore': lost, ...wanted } = stateContents(state);
    expect(stateContents(loaded)).toMatchObject(wanted);
    expect(lost).toBeDefined();
    expect(loaded.fakeScore.dataSync()[0]).toBe(0);
    expect(loaded.options).toEqual(state.options);
    disposeTrainingState(loaded);
  });

  it('is a safetensors file with official names and a self-describing header', () => {
    const { metadata, tensors } = decodeSafetensors(bytes, 'state');
    expect(metadata).toMatchObject({ format: 'pggan-training-state', version: '1' });
    expect(tensors['Gs/4x4/Dense/weight']).toMatchObject({ shape: [6, 32] });
    expect(tensors['adam_d/v/FromRGB_lod0/weight']).toMatchObject({ shape: [1, 1, 3, 2] });
    expect(JSON.parse(metadata['state']!)).toMatchObject({ progress: { nimg: 48 } });
  });

  it('yields the generator alone', async () => {
    const { weights, config, lod, kimg } = await loadGenerator(path);
    expect([config.resolution, kimg]).toEqual([8, 0.048]);
    expect(lod).toBe(state.progress.lod);
    expect(weights['4x4/Conv/bias']!.dataSync()).toEqual(state.Gs['4x4/Conv/bias']!.dataSync());
    disposeWeights(weights);
  });
});

describe('a bad file', () => {
  it('cut in half: expected and found bytes', async () => {
    // The tensors of this small state are half of what its header takes.
    const [half, most] = [Math.floor(bytes.length / 2), bytes.length - 4];
    const headerEnd = 8 + Number(bytes.readBigUInt64LE());
    for (const [length, expected] of [
      [half, half < headerEnd ? `at least ${headerEnd}` : bytes.length],
      [most, bytes.length],
    ] as const) {
      expect(await failure(bytes.subarray(0, length))).toMatchObject({
        code: 'checkpoint-corrupt',
        message: expect.stringMatching(
          new RegExp(`bad.safetensors: .*expected ${expected} bytes, got ${length}`),
        ),
      });
    }
  });

  it.each([0, 5, 100])('cut to %d bytes', async (length) => {
    const error = await failure(bytes.subarray(0, length));
    expect(error).toMatchObject({ code: 'checkpoint-corrupt' });
    expect(error.message).toMatch(new RegExp(`got ${length}`));
  });

  it('with any byte flipped', async () => {
    const headerEnd = 8 + Number(bytes.readBigUInt64LE());
    const samples = [0, 9, 40, headerEnd - 90, headerEnd, headerEnd + 77, bytes.length - 1];
    for (let at = 12; at < bytes.length; at += Math.floor(bytes.length / 40)) samples.push(at);
    for (const at of samples) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 1;
      expect(await failure(changed), `byte ${at}`).toMatchObject({
        code: expect.stringMatching(/^checkpoint-(corrupt|format|version)$/),
      });
    }
  });

  it('of another version', async () => {
    const { metadata, tensors } = decodeSafetensors(bytes, 'state');
    const other = encodeSafetensors({ metadata: { ...metadata, version: '2' }, tensors });
    expect(await failure(other)).toMatchObject({
      code: 'checkpoint-version',
      message: expect.stringMatching(/expected version 1, got 2/),
    });
  });

  it('of something else', async () => {
    const plain = encodeSafetensors({ metadata: {}, tensors: {} });
    expect(await failure(plain)).toMatchObject({ code: 'checkpoint-format' });
    expect(await failure('not a checkpoint, just some text')).toMatchObject({
      code: 'checkpoint-corrupt',
    });
  });

  it('lacking a tensor', async () => {
    const { metadata, tensors } = decodeSafetensors(bytes, 'state');
    const rest = Object.entries(tensors).filter(([name]) => name !== 'G/4x4/Conv/bias');
    const file = encodeSafetensors({ metadata, tensors: Object.fromEntries(rest) });
    expect(await failure(file)).toMatchObject({
      code: 'checkpoint-corrupt',
      message: expect.stringMatching(/"G\/4x4\/Conv\/bias" expected of shape \[2\], got none/),
    });
  });

  it('that is not there', async () => {
    await expect(loadCheckpoint(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'checkpoint-missing',
      message: expect.stringContaining('nowhere'),
    });
  });
});

it('a write that fails leaves nothing behind and says so', async () => {
  const target = join(folder, 'taken');
  await mkdir(join(target, 'inside'), { recursive: true });
  const before = await readdir(folder);
  await expect(saveCheckpoint(target, state)).rejects.toMatchObject({
    code: 'checkpoint-not-written',
    message: expect.stringContaining(target),
  });
  expect(await readdir(folder)).toEqual(before);
});
