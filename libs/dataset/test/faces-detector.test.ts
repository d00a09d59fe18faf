import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eyeDistance, LANDMARK, LandmarkDetector } from '../src/faces/index.js';
import { maxDifference, testData } from './faces-support.js';

const modelPath = join(testData, 'models/face_landmarker/face_landmarker.task');
const index = join(testData, 'faces-index.csv');
const absent = !existsSync(modelPath) || !existsSync(index);
const why = absent ? ' (skipped: no photographs and model in PGGAN_TEST_DATA)' : '';

const scratch = mkdtempSync(join(tmpdir(), 'pggan-faces-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Rgba {
  rgba: Uint8ClampedArray;
  width: number;
  height: number;
}
async function toRgba(picture: Sharp): Promise<Rgba> {
  const { data, info } = await picture
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgba: new Uint8ClampedArray(data), width: info.width, height: info.height };
}
/** Without colour management: the reference list was made without it, and it moves an eye by 1.3 px in one picture. */
const photo = (file: string) => sharp(join(testData, file), { ignoreIcc: true });

describe.skipIf(absent)(`landmark detector on photographs${why}`, () => {
  let detector: LandmarkDetector;
  beforeAll(async () => {
    detector = await LandmarkDetector.create({ modelPath, search: 'whole' });
  });
  afterAll(() => detector.close());
  const detect = async (picture: Sharp) => {
    const { rgba, width, height } = await toRgba(picture);
    return detector.detect(rgba, width, height);
  };
  /** file, number of faces and points of the largest one, as the Python package of MediaPipe found them. */
  const rows = absent
    ? []
    : readFileSync(index, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .map((cells) => ({ file: cells[0]!, faces: Number(cells[5]), points: cells.slice(8).map(Number) }));
  const portraits = rows.filter((row) => row.file.includes('us-congress-small'));
  const sample = [
    ...rows.filter((row) => /white-house|sr-pairs|misc|negatives/.test(row.file)),
    ...rows.filter((row) => /human-samples|hagrid|bw/.test(row.file)).filter((_, i) => i % 12 === 0),
    ...portraits.filter((_, i) => i % 210 === 0),
  ];

  it.each(sample)('$file: $faces face(s), five points within 1 px of MediaPipe for Python', async (row) => {
    const faces = await detect(photo(row.file));
    expect(faces).toHaveLength(row.faces);
    expect(faces.every((face) => face.faces === row.faces)).toBe(true);
    if (row.faces > 0) expect(maxDifference(faces[0]!.points, row.points)).toBeLessThan(1);
  });

  it('finds both of two people, the one with the wider eyes first', async () => {
    const row = rows.find((r) => r.faces === 2)!;
    const [first, second, ...more] = await detect(photo(row.file));
    expect(more).toEqual([]);
    expect(eyeDistance(first!.points)).toBeGreaterThanOrEqual(eyeDistance(second!.points));
  });

  it('left and right are sides of the picture, and a mirrored picture swaps them', async () => {
    const file = 'faces/misc/astronaut.png';
    const plain = (await detect(photo(file)))[0]!.points;
    const mirrored = (await detect(photo(file).flop()))[0]!.points;
    for (const points of [plain, mirrored]) {
      expect(points[LANDMARK.leftEye * 2]).toBeLessThan(points[LANDMARK.rightEye * 2]!);
      expect(points[LANDMARK.leftMouth * 2]).toBeLessThan(points[LANDMARK.rightMouth * 2]!);
      expect(points[LANDMARK.nose * 2 + 1]).toBeGreaterThan(points[LANDMARK.leftEye * 2 + 1]!);
      expect(points[LANDMARK.nose * 2 + 1]).toBeLessThan(points[LANDMARK.leftMouth * 2 + 1]!);
    }
    // 42.6 px between the eyes; the model is not exactly symmetric.
    expect(Math.abs(512 - mirrored[LANDMARK.rightEye * 2]! - plain[LANDMARK.leftEye * 2]!)).toBeLessThan(2);
  });

  it('finds the same points without colours', async () => {
    const file = 'faces/misc/astronaut.png';
    const colour = (await detect(photo(file)))[0]!.points;
    const grey = await detect(sharp(await photo(file).greyscale().png().toBuffer()));
    expect(grey).toHaveLength(1);
    expect(maxDifference(grey[0]!.points, colour)).toBeLessThan(3);
  });

  it('maps points of a picture beyond the size limit back to its own pixels', async () => {
    const small = await LandmarkDetector.create({ modelPath, search: 'whole', maxSide: 256 });
    const { rgba, width, height } = await toRgba(photo('faces/misc/astronaut.png'));
    const [bounded] = small.detect(rgba, width, height);
    small.close();
    expect(maxDifference(bounded!.points, detector.detect(rgba, width, height)[0]!.points)).toBeLessThan(1.5);
  });

  it('sees nothing in tiny and empty pictures', () => {
    for (const [width, height] of [
      [1, 1],
      [3, 700],
      [64, 64],
    ] as const) {
      expect(detector.detect(new Uint8ClampedArray(width * height * 4), width, height)).toEqual([]);
    }
  });

  it('refuses data that does not fit the size', () => {
    expect(() => detector.detect(new Uint8ClampedArray(100), 10, 10)).toThrowError(
      expect.objectContaining({ code: 'option-invalid' }),
    );
  });

  it('runs in a bare worker thread, silently, without touching network or globals', async () => {
    const file = new URL('./faces-worker.ts', import.meta.url);
    const workerData = { modelPath, ...(await toRgba(photo('faces/misc/astronaut.png'))) };
    const worker = new Worker(file, { workerData, stdout: true, stderr: true });
    let printed = '';
    worker.stdout.on('data', (text) => (printed += text));
    worker.stderr.on('data', (text) => (printed += text));
    const answer = await new Promise((answered, failed) =>
      worker.on('message', answered).on('error', failed),
    );
    await new Promise((ended) => worker.on('exit', ended));
    const points = rows.find((row) => row.file === 'faces/misc/astronaut.png')!.points;
    expect(answer).toMatchObject({ requests: [], newGlobals: [] });
    expect(maxDifference((answer as { points: number[][] }).points[0]!, points)).toBeLessThan(1);
    expect(printed).toBe('');
  });

  it.each([
    ['a cut model', (model: Buffer) => model.subarray(0, 2_000_000)],
    ['a model with a damaged part', (model: Buffer) => Buffer.from(model).fill(0, 1_500_000, 1_500_064)],
    ['another task', (model: Buffer) => model.subarray(model.indexOf('PK\u0003\u0004', 2_000_000))],
  ])('refuses %s before MediaPipe crashes on it', async (name, damage) => {
    const path = join(scratch, `${name}.task`);
    writeFileSync(path, damage(readFileSync(modelPath)));
    await expect(LandmarkDetector.create({ modelPath: path })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('--face-model'),
    });
  });
});

describe('a model file that is none', () => {
  it.each([
    ['nothing', 'model-missing', undefined],
    ['an empty file', 'model-invalid', ''],
    ['a web page', 'model-invalid', '<!doctype html><title>Not found</title>'],
  ])('%s is an error that names the file and the remedy', async (name, code, content) => {
    const path = join(scratch, `${name}.task`);
    if (content !== undefined) writeFileSync(path, content);
    const attempt = LandmarkDetector.create({ modelPath: path });
    await expect(attempt).rejects.toMatchObject({ name: 'DatasetError', code });
    await expect(attempt).rejects.toThrow(new RegExp(`${name}\\.task.*--face-model`, 's'));
  });
});
