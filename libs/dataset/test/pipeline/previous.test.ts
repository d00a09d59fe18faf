import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, type BuildRequest } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { hashes, noModel, noisePicture, options, put } from './pictures.js';

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

const data =
  process.env['PGGAN_TEST_DATA'] ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const model = join(data, 'models/face_landmarker/face_landmarker.task');

describe.skipIf(!existsSync(model))('photographs of PGGAN_TEST_DATA', () => {
  it('are not searched for faces again for another size', { timeout: 120_000 }, async () => {
    const photos = join(folder, 'congress');
    await mkdir(photos);
    for (const name of (await readdir(join(data, 'faces/us-congress-small'))).sort().slice(0, 4))
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
