/** Builds whose faces come from a file beside the pictures, or from an ONNX model. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, LANDMARK_COLUMNS, readIndex } from '../../src/index.js';
import { brightestDetector } from '../onnx/models.js';
import { celebaSource, hashes, manifestOf, noModel, options } from './pictures.js';

const scratch = await mkdtemp(join(tmpdir(), 'pggan-build-landmarks-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));
const at = (name: string) => join(scratch, name);
const list = at('points.csv');
const tfrecords = async (out: string) =>
  Object.entries(await hashes(at(out))).filter(([name]) => name.endsWith('.tfrecords'));

/** The same pictures in CelebA's layout and as a folder with a file of points. */
beforeAll(async () => {
  await celebaSource(at('celeba'), 10);
  await cp(join(at('celeba'), 'img_celeba'), at('folder'), { recursive: true });
  const text = await readFile(join(at('celeba'), 'list_landmarks_celeba.txt'), 'utf8');
  const rows = text
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split(' ').join(','));
  // A second, smaller face in the first picture.
  rows.push('000001.jpg,50,50,60,50,55,55,52,60,58,60');
  await writeFile(list, [`path,${LANDMARK_COLUMNS.join(',')}`, ...rows, ''].join('\n'));
});

describe('faces from a file', () => {
  const request = { landmarks: { file: list }, name: 'set', align: 'face' } as const;
  const build = (out: string, more: object = {}) =>
    buildDataset(options({ ...request, source: at('folder'), out: at(out), ...more }), noModel);

  it('give the records that the same points in a set give; pictures without a row are dropped', async () => {
    const summary = await build('listed', { workers: 2, faces: 'largest' });
    expect(summary).toMatchObject({
      landmarks: 'annotation',
      images: 8,
      dropped: { 'no-face': 2 },
      severalFaces: 1,
    });
    await buildDataset(options({ source: at('celeba'), out: at('set'), name: 'set' }), noModel);
    expect(await tfrecords('listed')).toEqual(await tfrecords('set'));
    const lines = await manifestOf(at('listed'));
    expect(lines[0]).toMatchObject({ decision: 'kept', faces: 2 });
    expect(lines[4]).toMatchObject({ reason: 'no-face', detail: 'points.csv has no face for it', faces: 0 });
    expect((await manifestOf(at('set')))[4]).toMatchObject({
      reason: 'no-face',
      detail: "the set's list of landmarks has no face for it",
    });
  });

  it('are candidates, the largest of a picture first', async () => {
    expect(await build('all')).toMatchObject({ images: 9, pictures: 10, candidates: 11, severalFaces: 1 });
    expect((await manifestOf(at('all'))).slice(0, 3)).toMatchObject([
      { path: '000001.jpg', face: 0, faces: 2 },
      { path: '000001.jpg', face: 1, faces: 2, scores: { eyeDistance: 10 } },
      { path: '000002.jpg', face: 0, faces: 1 },
    ]);
  });

  it('change the result when the file changes', async () => {
    await build('changed');
    const text = await readFile(list, 'utf8');
    const other = at('moved.csv');
    await writeFile(other, text.replaceAll('.jpg,', '.jpg,1'));
    const before = await tfrecords('changed');
    await build('changed', { landmarks: { file: other } });
    expect(await tfrecords('changed')).not.toEqual(before);
  });

  it('of other pictures are refused; so are those of none', async () => {
    const other = at('other.csv');
    const text = await readFile(list, 'utf8');
    await writeFile(other, text.replaceAll('.jpg,', '.png,'));
    await expect(build('refused', { landmarks: { file: other } })).rejects.toThrow(
      /other\.csv: none of its 8 paths is that of a picture in .*: it has "000001\.png", the source has "000001\.jpg"/,
    );
    await writeFile(other, text.slice(0, text.indexOf('\n') + 1));
    await expect(build('refused', { landmarks: { file: other } })).rejects.toThrow(
      /other\.csv: has landmarks of no picture/,
    );
  });

  it('are refused where a number is none, with file and line', async () => {
    const bad = at('bad.csv');
    await writeFile(bad, (await readFile(list, 'utf8')).replace(/^(000003\.jpg),\d+/m, '$1,left'));
    await expect(build('refused', { landmarks: { file: bad } })).rejects.toThrow(
      /bad\.csv: line 4: column "lefteye_x": expected pixels, got "left"/,
    );
  });
});

describe('faces by an ONNX model', () => {
  const model = at('detector.onnx');
  beforeAll(() =>
    writeFile(
      model,
      brightestDetector({
        side: 64,
        faces: [{ score: 0.9, points: [-5, -5, 5, -5, 0, 0, -4, 6, 4, 6] }],
      }),
    ),
  );
  const build = (out: string, workers: number) =>
    buildDataset(options({ source: at('folder'), out: at(out), name: 'set', align: 'face', workers }), {
      faceModel: () => Promise.resolve(model),
    });

  it('are found in every worker, and the model is in the settings', async () => {
    expect(await build('one', 1)).toMatchObject({ landmarks: 'detected', images: 10 });
    await build('two', 2);
    expect(await hashes(at('two'))).toEqual(await hashes(at('one')));
    const [line] = await manifestOf(at('one'));
    expect(line).toMatchObject({ faces: 1, confidence: expect.closeTo(0.9, 5) });
    const { settings } = (await readIndex(at('one')))!;
    expect(settings).toMatchObject({
      finder: expect.stringMatching(/^ONNX model [0-9a-f]{64}, pictures by sharp/) as string,
      leastConfidence: 0.5,
    });
  });

  it('are not looked for again in pictures that the dataset has', async () => {
    expect(await build('one', 1)).toMatchObject({ reused: 10 });
  });
});
