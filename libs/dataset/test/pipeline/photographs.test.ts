import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDataset } from '../../src/index.js';
import { testData as data } from '../faces-support.js';
import { temporaryFolder } from '../folder.js';
import { hashes, manifestOf, options } from './pictures.js';

const model = join(data, 'models/face_landmarker/face_landmarker.task');
const folder = temporaryFolder();

describe.skipIf(!existsSync(model))('photographs of PGGAN_TEST_DATA', () => {
  it('are detected, aligned and built, the same with one worker and with two', async () => {
    const source = join(folder, 'photos');
    await mkdir(source);
    const portraits = (await readdir(join(data, 'faces/us-congress-small'))).sort();
    await copyFile(join(data, 'faces/us-congress-small', portraits[0]!), join(source, portraits[0]!));
    await copyFile(join(data, 'faces/negatives/coffee.png'), join(source, 'coffee.png'));
    await copyFile(join(data, 'faces/white-house/obama1.jpg'), join(source, 'two-faces.jpg'));

    const context = { faceModel: () => Promise.resolve(model) };
    const request = { source, size: 64 };
    const summary = await buildDataset(options({ ...request, out: join(folder, 'one'), name: 'x' }), context);
    expect(summary.landmarks).toBe('detected');
    expect(summary).toMatchObject({ images: 3, pictures: 3, candidates: 4, severalFaces: 1 });
    expect(summary.dropped).toEqual({ 'no-face': 1 });
    const coffee = (await manifestOf(join(folder, 'one'))).find((line) => line['path'] === 'coffee.png');
    expect(coffee).toMatchObject({ decision: 'dropped', reason: 'no-face', faces: 0 });
    const both = (await manifestOf(join(folder, 'one'))).filter((line) => line['path'] === 'two-faces.jpg');
    expect(both).toMatchObject([
      { face: 0, faces: 2, decision: 'kept' },
      { face: 1, faces: 2, decision: 'kept' },
    ]);
    expect(both[0]!['hash']).not.toBe(both[1]!['hash']);

    await buildDataset(options({ ...request, out: join(folder, 'two'), name: 'x', workers: 2 }), context);
    expect(await hashes(join(folder, 'two'))).toEqual(await hashes(join(folder, 'one')));
  });
});
