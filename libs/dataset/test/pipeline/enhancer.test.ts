/** Builds with an ONNX model that enlarges faces. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, readIndex, remakeImages, TFRecordDataset } from '../../src/index.js';
import { upscaler } from '../onnx/models.js';
import { celebaSource, hashes, noModel, options } from './pictures.js';

const scratch = await mkdtemp(join(tmpdir(), 'pggan-build-enhanced-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));
const at = (name: string) => join(scratch, name);
const source = at('people');
const model = at('model.onnx');

beforeAll(async () => {
  await celebaSource(source, 6);
  await writeFile(model, upscaler({ kernels: [3] }));
});

const request = { source, size: 128, align: 'face' } as const;
const build = (out: string, more: object = {}) =>
  buildDataset(options({ ...request, out: at(out), ...more }), noModel);

/** The largest images, in order. */
async function images(out: string): Promise<Uint8Array> {
  const dataset = await TFRecordDataset.open(at(out));
  const reader = dataset.reader({ seed: 1 });
  const images = await reader.next(7, 4);
  await reader.close();
  return images;
}

describe('a build with an enhancer', () => {
  it('has other pixels than one without, the same for any number of workers, and says by what', async () => {
    await build('plain');
    await build('one', { enhancer: model });
    await build('two', { enhancer: model, workers: 2, name: 'one' });
    expect(await hashes(at('two'))).toEqual(await hashes(at('one')));
    expect(await images('one')).not.toEqual(await images('plain'));
    const settings = (await readIndex(at('one')))!.settings as { stage: Record<string, unknown> };
    expect(settings.stage['enhancer']).toEqual({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      removeArtefacts: false,
    });
    const plain = (await readIndex(at('plain')))!.settings as { stage: Record<string, unknown> };
    expect(plain.stage).not.toHaveProperty('enhancer');
  });

  it('is done again when the model or the use of it changes', async () => {
    await build('again', { enhancer: model });
    const before = await images('again');
    const other = at('other.onnx');
    await writeFile(other, upscaler({ kernels: [1, 3] }));
    expect(await build('again', { enhancer: other })).toMatchObject({ reused: 0 });
    expect(await images('again')).not.toEqual(before);
    expect(await build('again', { enhancer: other, removeArtefacts: true })).toMatchObject({ reused: 0 });
  });

  it('can be repaired from its pictures with the same model only', async () => {
    await build('kept', { enhancer: model, shuffle: false });
    const index = (await readIndex(at('kept')))!;
    const remake = async (enhancer?: string) => {
      const made: Uint8Array[] = [];
      const way = { source, scratch, workers: 1, enhancer };
      for await (const image of remakeImages(at('kept'), index, [0], way)) made.push(image);
      return made[0]!;
    };
    const dataset = await TFRecordDataset.open(at('kept'));
    const reader = dataset.reader({ shuffle: false });
    const kept = await reader.next(7, 1);
    await reader.close();
    expect(Buffer.from(await remake(model))).toEqual(Buffer.from(kept));
    await expect(remake()).rejects.toMatchObject({ code: 'model-missing' });
    const other = at('another.onnx');
    await writeFile(other, upscaler());
    await expect(remake(other)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it.each([
    [{ enhancer: at('nowhere.onnx') }, 'model-missing', /nowhere\.onnx.*--enhancer/],
    [{ enhancer: model, align: 'none' }, 'option-invalid', /--align face, got none/],
    [{ removeArtefacts: true }, 'option-invalid', /--remove-artefacts.*--enhancer/],
  ])('refuses %j', async (more, code, message) => {
    const attempt = build('refused', more);
    await expect(attempt).rejects.toMatchObject({ name: 'DatasetError', code });
    await expect(attempt).rejects.toThrow(message);
  });
});
