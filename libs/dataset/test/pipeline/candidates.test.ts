/** Pictures with two faces each, which a small model finds beside their brightest pixel. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildDataset,
  readIndex,
  remakeImages,
  TFRecordDataset,
  type BuildRequest,
  type DropReason,
  type ManifestLine,
} from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { brightestDetector } from '../onnx/models.js';
import { hashes, manifestOf, noisePicture, options, put } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'photos');
const model = join(folder, 'two-faces.onnx');
const context = { faceModel: () => Promise.resolve(model) };
const at = (name: string) => join(folder, 'out', name, 'set');
const pictures = 6;

const build = (name: string, request: Partial<BuildRequest> = {}) =>
  buildDataset(options({ source, out: at(name), ...request }), context);

const linesOf = async (name: string) => (await manifestOf(at(name))) as unknown as ManifestLine[];

/** The dataset has the bytes of one that was built where none had been. */
async function expectFresh(name: string, request: Partial<BuildRequest> = {}): Promise<void> {
  await build(`${name}-fresh`, request);
  expect(await hashes(at(name))).toEqual(await hashes(at(`${name}-fresh`)));
}

/** Over finished work: nothing is detected or aligned. But for `minConfidence`, which the detector goes by as well. */
const again = (request: Partial<BuildRequest>) => build('again', { ...request, keepWork: true });

let whole: ManifestLine[];
let reference: Record<string, string>;

beforeAll(async () => {
  const random = new RandomState(4);
  const [width, height] = [150, 120];
  for (let i = 0; i < pictures; i++) {
    const data = await noisePicture(random, width, height).raw().toBuffer();
    const [left, top] = [50 + random.randint(20), 50 + random.randint(20)];
    for (let y = top; y < top + 4; y++) data.fill(255, (y * width + left) * 3, (y * width + left + 4) * 3);
    const picture = sharp(data, { raw: { width, height, channels: 3 } });
    const gray = i === 0 ? picture.toColourspace('b-w') : picture;
    await put(join(source, `${i}.jpg`), await gray.jpeg().toBuffer());
  }
  const large = [-4, -5, 6, -4, 1, 1, -3, 6, 5, 7];
  const small = [20, 0, 26, 0, 23, 4, 21, 7, 25, 7];
  const faces = [
    { score: 0.6, points: small },
    { score: 0.9, points: large },
  ];
  await writeFile(model, brightestDetector({ side: 64, faces }));
  expect(await build('whole')).toMatchObject({
    pictures,
    candidates: 2 * pictures,
    kept: 2 * pictures,
    images: 2 * pictures,
    severalFaces: pictures,
    converted: { gray: 1 },
  });
  whole = await linesOf('whole');
  reference = await hashes(at('whole'));
});

describe('each face of a picture', () => {
  it('has a line of its own, the largest first', () => {
    expect(whole.map(({ path, face, faces }) => [path, face, faces])).toEqual(
      Array.from({ length: 2 * pictures }, (_, i) => [`${i >> 1}.jpg`, i % 2, 2]),
    );
    expect(whole.map(({ record }) => record!).sort((a, b) => a - b)).toEqual(whole.map((_, i) => i));
    for (const { face, scores, confidence, landmarks, hash } of whole) {
      expect(scores).toMatchObject({ jpegQuality: 80, spectrum: null });
      for (const name of ['blockiness', 'brightness', 'yaw', 'pitch', 'roll', 'turn', 'outside'] as const)
        expect(scores![name], name).toEqual(expect.any(Number));
      expect(confidence).toBeCloseTo(face === 0 ? 0.9 : 0.6, 4);
      expect(landmarks).toHaveLength(10);
      expect(hash).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it('has a mirror image of its own', async () => {
    await build('mirrored', { mirror: true, shuffle: false });
    expect((await linesOf('mirrored')).map(({ record, mirrored }) => [record, mirrored])).toEqual(
      whole.map((_, i) => [2 * i, 2 * i + 1]),
    );
  });

  it('gives the same bytes with two workers, and after an interruption', async () => {
    await build('two', { workers: 2 });
    expect(await hashes(at('two'))).toEqual(reference);
    const controller = new AbortController();
    const stopped = buildDataset(options({ source, out: at('stopped') }), {
      ...context,
      signal: controller.signal,
      onProgress: ({ done }) => done === 2 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect((await build('stopped')).reused).toBeGreaterThanOrEqual(2);
    expect(await hashes(at('stopped'))).toEqual(reference);
  });

  it('is left out but for the largest when asked to', async () => {
    expect(await build('faces', { faces: 'largest' })).toMatchObject({ candidates: pictures });
    expect((await linesOf('faces')).map(({ face, faces }) => [face, faces])).toEqual(
      Array.from({ length: pictures }, () => [0, 2]),
    );
    // The dataset there knows one face of two, and then both.
    await build('faces');
    expect(await hashes(at('faces'))).toEqual(reference);
    await build('faces', { faces: 'largest' });
    await expectFresh('faces', { faces: 'largest' });
  });

  it('counts for the number of images asked for', async () => {
    for (const workers of [1, 2]) {
      const summary = await build(`three-${workers}`, { maxImages: 3, workers });
      expect(summary).toMatchObject({ images: 3, pictures: 2, dropped: { 'enough-images': 1 } });
    }
    expect(await hashes(at('three-1'))).toEqual(await hashes(at('three-2')));
    expect((await linesOf('three-1')).map(({ reason }) => reason)).toEqual([
      null,
      null,
      null,
      'enough-images',
    ]);
  });

  it('can be made again from its picture', async () => {
    const { levels } = await TFRecordDataset.open(at('whole'));
    const records = [5, 0, 11];
    const reader = (await TFRecordDataset.open(at('whole'))).reader({ shuffle: false });
    const { images } = await reader.nextBatch(Math.max(...levels.keys()), 2 * pictures);
    await reader.close();
    const index = (await readIndex(at('whole')))!;
    const size = 3 * 16 * 16;
    let next = 0;
    for await (const image of remakeImages(at('whole'), index, records, {
      source,
      scratch: folder,
      workers: 1,
    })) {
      const record = records[next++]!;
      expect(Buffer.from(image).equals(images.subarray(record * size, (record + 1) * size))).toBe(true);
    }
    expect(next).toBe(3);
  });
});

const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;

describe('limits', () => {
  const scores = (
    name: 'contrast' | 'brightness' | 'yaw' | 'enlarged' | 'outside' | 'eyeDistance' | 'sharpness',
  ) => whole.map((line) => Math.abs(line.scores![name]!));

  const cases: [string, DropReason, () => Partial<BuildRequest>, (i: number) => boolean][] = [
    [
      'a minimum',
      'below-minimum',
      () => ({ min: { contrast: middle(scores('contrast')) } }),
      (i) => scores('contrast')[i]! < middle(scores('contrast')),
    ],
    [
      'a maximum',
      'above-maximum',
      () => ({ max: { brightness: middle(scores('brightness')) } }),
      (i) => scores('brightness')[i]! > middle(scores('brightness')),
    ],
    [
      'the size of an angle',
      'turned-away',
      () => ({ max: { yaw: middle(scores('yaw')) } }),
      (i) => scores('yaw')[i]! > middle(scores('yaw')),
    ],
    [
      'the enlargement',
      'enlarged-too-much',
      () => ({ enlargeLimit: middle(scores('enlarged')) }),
      (i) => scores('enlarged')[i]! > middle(scores('enlarged')),
    ],
    ['the distance of the eyes', 'face-too-small', () => ({ minFace: 20 }), (i) => i % 2 === 1],
    [
      'the padding',
      'too-much-outside',
      () => ({ maxPad: middle(scores('outside')) }),
      (i) => scores('outside')[i]! > middle(scores('outside')),
    ],
    [
      'the sharpness',
      'too-blurred',
      () => ({ minSharpness: middle(scores('sharpness')) }),
      (i) => scores('sharpness')[i]! < middle(scores('sharpness')),
    ],
  ];

  it.each(cases)('on %s drop a face for %s, and nothing else', async (_, reason, request, dropped) => {
    await again(request());
    const expected = whole.map((_, i) => (dropped(i) ? reason : null));
    expect((await linesOf('again')).map((line) => line.reason)).toEqual(expected);
    expect(new Set(expected).size).toBe(2);
  });

  it('on the confidence leave out what the detector is less sure of', async () => {
    const summary = await again({ minConfidence: 0.7 });
    expect(summary).toMatchObject({ candidates: pictures, kept: pictures });
    const lines = await linesOf('again');
    expect(lines.map(({ face, faces, confidence }) => [face, faces, confidence])).toEqual(
      Array.from({ length: pictures }, () => [0, 1, 0.9]),
    );
  });

  it('that are loosened need those images only that were dropped', async () => {
    const strict = { min: { contrast: middle(scores('contrast')) } };
    await build('refilter');
    expect(await build('refilter', strict)).toMatchObject({ reused: pictures });
    await expectFresh('refilter', strict);
    const lacking = new Set((await linesOf('refilter')).flatMap(({ reason, path }) => (reason ? path : [])));
    expect(lacking.size).toBeLessThan(pictures);
    expect(await build('refilter')).toMatchObject({ reused: pictures - lacking.size });
    expect(await hashes(at('refilter'))).toEqual(reference);
  });

  it('find everything in work that was kept', async () => {
    await build('work', { min: { contrast: middle(scores('contrast')) }, keepWork: true });
    expect(await build('work')).toMatchObject({ reused: pictures });
    expect(await hashes(at('work'))).toEqual(reference);
  });

  it('on the enlargement may only mark', async () => {
    const request = { enlargeLimit: middle(scores('enlarged')), enlarged: 'mark' } as const;
    const summary = await again(request);
    const beyond = scores('enlarged').map((value) => value > request.enlargeLimit);
    expect(summary).toMatchObject({
      kept: 2 * pictures,
      marked: { enlarged: beyond.filter(Boolean).length },
    });
    expect((await linesOf('again')).map(({ marks }) => marks ?? [])).toEqual(
      beyond.map((is) => (is ? ['enlarged'] : [])),
    );
  });

  it('that nothing lies between are refused', async () => {
    await expect(build('nothing', { min: { yaw: 20 }, max: { yaw: 10 } })).rejects.toMatchObject({
      code: 'option-invalid',
      message: 'min: yaw is at least 20, and by max at most 10',
    });
  });

  it('on scores that such images do not have are refused with those that they have', async () => {
    await expect(build('no-score', { min: { spectrum: -20 } })).rejects.toThrow(
      /^min: faces at 16 pixels have no score spectrum; they have sharpness, noise/,
    );
    await expect(build('no-score', { align: 'none', topBy: { yaw: 1 }, top: 1 })).rejects.toThrow(
      'top-by: whole pictures have no score yaw; they have sharpness, faceSize, enlarged, outside',
    );
    expect(() => options({ source, out: at('no-score'), max: { beauty: 1 } as never })).toThrow(
      /expected one of quality, .* for \\"beauty\\"/,
    );
  });
});

describe('the best', () => {
  const best = (count: number) => {
    const order = whole
      .map(({ scores }, i) => [scores!.brightness!, i] as const)
      .sort(([a, i], [b, j]) => b - a || i - j);
    return new Set(order.slice(0, count).map(([, i]) => i));
  };

  it('so many by a score are kept, whatever the number of workers', async () => {
    const request = { top: 5, topBy: { brightness: 1 } };
    expect(await again(request)).toMatchObject({ images: 5, dropped: { 'not-among-best': 7 } });
    expect((await linesOf('again')).map(({ decision }) => decision === 'kept')).toEqual(
      whole.map((_, i) => best(5).has(i)),
    );
    await build('best', { ...request, workers: 2 });
    expect(await hashes(at('best'))).toEqual(await hashes(at('again')));
  });

  it('of a score of which less is better are the least', async () => {
    await again({ top: 1, topBy: { enlarged: 1 } });
    const least = Math.min(...whole.map(({ scores }) => scores!.enlarged));
    expect((await linesOf('again')).find(({ record }) => record === 0)!.scores!.enlarged).toBe(least);
  });

  it('are the first of the source where all are equal', async () => {
    await again({ top: 3, topBy: { jpegQuality: 1 } });
    expect((await linesOf('again')).map(({ decision }) => decision === 'kept')).toEqual(
      whole.map((_, i) => i < 3),
    );
  });

  it('are chosen again from an older dataset, which lacks some of them', async () => {
    await build('more', { top: 4, topBy: { brightness: 1 } });
    const added = new Set([...best(8)].filter((i) => !best(4).has(i)).map((i) => i >> 1));
    expect(await build('more', { top: 8, topBy: { brightness: 1 } })).toMatchObject({
      images: 8,
      reused: pictures - added.size,
    });
    await expectFresh('more', { top: 8, topBy: { brightness: 1 } });
  });
});

it('another way of aligning or another quad gives other images', async () => {
  const records = async (name: string) =>
    Object.entries(await hashes(at(name))).filter(([file]) => file.endsWith('.tfrecords'));
  for (const request of [{ alignMode: 'fast' }, { quad: 'ffhq' }] as const) {
    await build('other', request);
    expect(await records('other')).not.toEqual(await records('whole'));
  }
  // Its arithmetic is in double precision; the manifest's points are not.
  await build('other', { quad: 'ffhq', top: 2, topBy: { brightness: 1 } });
  await build('other', { quad: 'ffhq' });
  await expectFresh('other', { quad: 'ffhq' });
});
