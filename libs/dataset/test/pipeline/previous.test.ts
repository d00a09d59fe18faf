import { existsSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, type BuildRequest } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { brightestDetector } from '../onnx/models.js';
import { celebaSource, hashes, manifestOf, noModel, noisePicture, options, put } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'photos');
const out = join(folder, 'out', 'set');
const fresh = join(folder, 'fresh', 'set');

const build = (request: Partial<BuildRequest> = {}) =>
  buildDataset(options({ source, align: 'none', out, ...request }), noModel);

/** The dataset at `out` has the bytes of one that was built where none had been. */
async function expectFresh(request: Partial<BuildRequest> = {}): Promise<void> {
  await rm(fresh, { recursive: true, force: true });
  await build({ ...request, out: fresh });
  expect(await hashes(out)).toEqual(await hashes(fresh));
}

beforeAll(async () => {
  const random = new RandomState(8);
  for (let i = 0; i < 12; i++)
    await put(
      join(source, `${i}.png`),
      await noisePicture(random, 30 + i, 40)
        .png()
        .toBuffer(),
    );
  await put(join(source, 'text.png'), 'no picture');
});

describe('a build over an older dataset', () => {
  it('does again only what is new or has changed', async () => {
    expect((await build()).reused).toBe(0);
    expect((await build()).reused).toBe(13);
    const random = new RandomState(9);
    await writeFile(join(source, '3.png'), await noisePicture(random, 50, 40).png().toBuffer());
    await writeFile(join(source, 'new.png'), await noisePicture(random, 50, 40).png().toBuffer());
    await rm(join(source, '5.png'));
    expect(await build()).toMatchObject({ reused: 11, images: 12 });
    await expectFresh();
  });

  it('selects with other limits; only what the old ones dropped is prepared again', async () => {
    const strict = { enlargeLimit: 0.45 };
    const { dropped } = await build(strict);
    expect(dropped['enlarged-too-much']).toBeGreaterThan(0);
    await expectFresh(strict);
    expect((await build()).reused).toBe(13 - dropped['enlarged-too-much']!);
    await expectFresh();
  });

  it('takes no images of another size or another fit', async () => {
    expect((await build({ size: 8 })).reused).toBe(0);
    await expectFresh({ size: 8 });
    expect((await build({ size: 8, fit: 'stretch' })).reused).toBe(0);
    await expectFresh({ size: 8, fit: 'stretch' });
  });

  it('takes nothing from damaged records or a damaged manifest', async () => {
    await build();
    const top = (await readdir(out)).find((name) => name.includes('r04'))!;
    const handle = await open(join(out, top), 'r+');
    await handle.write(Buffer.of(1, 2, 3, 4), 0, 4, 5 * 823 + 200);
    await handle.close();
    expect((await build()).reused).toBe(12);
    await expectFresh();
    await truncate(join(out, 'manifest.jsonl'), 1000);
    await build();
    await expectFresh();
    await appendFile(join(out, 'manifest.jsonl'), '{"path":');
    await build();
    await expectFresh();
  });
});

/** As `expectFresh`, of a build of faces that a list knows. */
async function expectListed(request: Partial<BuildRequest>, reused: number): Promise<void> {
  const how = { align: 'face', ...request } as const;
  const name = basename(how.source!);
  const listed = join(folder, 'listed', name);
  expect((await build({ ...how, out: listed })).reused).toBe(reused);
  const afresh = join(folder, 'listed-afresh', name);
  await rm(afresh, { recursive: true, force: true });
  await build({ ...how, out: afresh });
  expect(await hashes(listed)).toEqual(await hashes(afresh));
}

describe('a build over an older dataset of annotated faces', () => {
  const celeba = join(folder, 'celeba');
  const list = join(celeba, 'list_landmarks_celeba.txt');

  it('selects with other limits without aligning again', async () => {
    await celebaSource(celeba, 10);
    // The first face lies beside its picture: no limit lets it in.
    const text = await readFile(list, 'utf8');
    await writeFile(
      list,
      text.replace(/000001.jpg .*/, '000001.jpg 900 950 930 952 916 968 903 982 927 983'),
    );
    await expectListed({ source: celeba }, 0);
    await expectListed({ source: celeba, enlargeLimit: 90 }, 10);
    await expectListed({ source: celeba, size: 8 }, 0);
  });

  it('aligns again where the annotation has changed', async () => {
    const text = await readFile(list, 'utf8');
    await writeFile(list, text.replace(/(000003.jpg) \d+/, '$1 39'));
    await expectListed({ source: celeba, size: 8 }, 9);
  });

  it('goes by the points of a file as well: several faces, copies with other faces', async () => {
    const copies = join(folder, 'copies');
    const picture = await noisePicture(new RandomState(3), 120, 140).png().toBuffer();
    for (const name of ['a.png', 'b.png', 'c.png']) await put(join(copies, name), picture);
    const face = [40.123, 50, 70, 52, 56, 68, 43, 82, 67, 83];
    const moved = face.map((value) => value + 1.7);
    const file = join(folder, 'faces.json');
    const rows = [
      { path: 'a.png', points: face, confidence: 0.71236 },
      { path: 'a.png', points: moved },
      { path: 'b.png', points: moved, confidence: 0.9 },
    ];
    await writeFile(file, JSON.stringify(rows));
    const request = { source: copies, landmarks: { file }, duplicates: 'keep', size: 16 } as const;
    await expectListed(request, 0);
    await expectListed({ ...request, minConfidence: 0.8 }, 3);
    await expectListed({ ...request, faces: 'largest' }, 0);
    await expectListed({ ...request, faces: 'largest', minConfidence: 0.8 }, 3);
    await writeFile(file, JSON.stringify([{ ...rows[0], confidence: 0.8 }, ...rows.slice(1)]));
    await expectListed({ ...request, faces: 'largest', minConfidence: 0.8 }, 2);
  });
});

describe('a build over an older dataset of detected faces', () => {
  const model = join(folder, 'detector.onnx');
  const context = { faceModel: () => Promise.resolve(model) };
  const detected = join(folder, 'detected', 'set');
  const detect = (request: Partial<BuildRequest> = {}) =>
    buildDataset(options({ source, align: 'face', out: detected, ...request }), context);

  beforeAll(async () => {
    const points = (apart: number) => [-apart / 2, 0, apart / 2, 0, 0, 4, -3, 8, 3, 8];
    const faces = [0.6, 0.7, 0.9].map((score, i) => ({ score, points: points(20 - 4 * i) }));
    await writeFile(model, brightestDetector({ side: 64, faces }));
    await detect({ minConfidence: 0.5 });
  });

  it.each([0.65, 0.8])('selects with the higher limit %f on the confidence', async (minConfidence) => {
    expect((await detect({ minConfidence })).reused).toBe(13);
    await detect({ minConfidence, out: join(folder, `afresh-${minConfidence}`, 'set') });
    expect(await hashes(detected)).toEqual(await hashes(join(folder, `afresh-${minConfidence}`, 'set')));
  });

  it('detects again with a lower limit', async () => {
    const summary = await detect({ minConfidence: 0.5 });
    expect(summary).toMatchObject({ reused: 0, candidates: 37 });
  });

  it('looks for no faces again for another size: it believes the manifest', async () => {
    const file = join(detected, 'manifest.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"landmarks":\[[^,]+,/g, '"landmarks":[12.5,'));
    await detect({ size: 8 });
    const points = (await manifestOf(detected)).flatMap((line) => (line['landmarks'] as number[]) ?? []);
    expect(points.filter((_, i) => i % 10 === 0)).toEqual(Array(36).fill(12.5));
  });
});

const data =
  process.env['PGGAN_TEST_DATA'] ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const model = join(data, 'models/face_landmarker/face_landmarker.task');

describe.skipIf(!existsSync(model))('photographs of PGGAN_TEST_DATA', () => {
  it('are not searched for faces again for another size', async () => {
    const photos = join(folder, 'congress');
    await mkdir(photos);
    for (const name of (await readdir(join(data, 'faces/us-congress-small'))).sort().slice(0, 2))
      await copyFile(join(data, 'faces/us-congress-small', name), join(photos, name));
    const request = { source: photos, align: 'face', out: join(folder, 'faces') } as const;
    const context = { faceModel: () => Promise.resolve(model) };
    await buildDataset(options({ ...request, size: 32 }), context);
    await buildDataset(options({ ...request, size: 16 }), context);
    const afresh = join(folder, 'faces-afresh', 'faces');
    await buildDataset(options({ ...request, size: 16, out: afresh }), context);
    expect(await hashes(request.out)).toEqual(await hashes(afresh));
  });
});
