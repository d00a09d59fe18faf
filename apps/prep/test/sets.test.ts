/** The sets and photographs of PGGAN_TEST_DATA through the commands: built, then verified. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepHere } from './spawn.js';

const data =
  process.env['PGGAN_TEST_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const faceModel = join(data, 'models/face_landmarker/face_landmarker.task');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pggan-sets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Expected {
  readonly kind: string;
  readonly images: number;
  readonly channels: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly labels: number | null; // components
}

async function buildAndVerify(source: string, options: readonly string[], expected: Expected): Promise<void> {
  const out = join(folder, 'set');
  const built = await prepHere([
    'build-dataset',
    '--source',
    source,
    '--out',
    out,
    '--replace',
    '--json',
    ...options,
  ]);
  expect(built.code, built.stderr).toBe(0);
  const { labels, ...summary } = JSON.parse(built.stdout) as { labels: string[] | null };
  expect({ ...summary, labels: labels?.length ?? null }).toMatchObject(expected);
  const verified = await prepHere(['verify', out, '--sha256']);
  expect(verified.code, verified.stdout).toBe(0);
  const inspected = await prepHere(['inspect', out, '--json']);
  expect(inspected.code, inspected.stderr).toBe(0);
  const [sheet, page] = [join(folder, 'sheet.png'), join(folder, 'page.html')];
  const argv = ['display', out, '--out', sheet, '--html', page, '--sample', '20', '--json'];
  const displayed = await prepHere(argv);
  expect(displayed.code, displayed.stderr).toBe(0);
  expect(JSON.parse(displayed.stdout)).toMatchObject({
    ...expected.size,
    files: [{ path: sheet }, { path: page }],
  });
  expect((JSON.parse(displayed.stdout) as { records: number[] }).records).toHaveLength(
    Math.min(20, expected.images),
  );
}

const square = (side: number) => ({ width: side, height: side });

describe('sets of PGGAN_TEST_DATA', () => {
  it.skipIf(!existsSync(join(data, 'mnist')))('MNIST', () =>
    buildAndVerify(join(data, 'mnist'), ['--split', 'test', '--max-images', '1000'], {
      kind: 'mnist',
      images: 1000,
      channels: 1,
      size: square(32),
      labels: 10,
    }),
  );

  it.skipIf(!existsSync(join(data, 'mnist')))('MNIST-RGB', () =>
    buildAndVerify(join(data, 'mnist'), ['--kind', 'mnist-rgb', '--stacks', '300'], {
      kind: 'mnist-rgb',
      images: 300,
      channels: 3,
      size: square(32),
      labels: null,
    }),
  );

  it.skipIf(!existsSync(join(data, 'cifar10')))('CIFAR-10', () =>
    buildAndVerify(join(data, 'cifar10'), ['--max-images', '1000', '--shard-images', '300'], {
      kind: 'cifar',
      images: 1000,
      channels: 3,
      size: square(32),
      labels: 10,
    }),
  );

  it.skipIf(!existsSync(join(data, 'lmdb-sample')))('an LMDB', () =>
    buildAndVerify(join(data, 'lmdb-sample/gt.lmdb'), ['--mirror'], {
      kind: 'lsun',
      images: 4,
      channels: 3,
      size: square(256),
      labels: null,
    }),
  );

  it.skipIf(!existsSync(faceModel))('photographs', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    const from = join(data, 'faces/us-congress-small');
    for (const name of (await readdir(from)).sort().slice(0, 8))
      await copyFile(join(from, name), join(photos, name));
    // The cup has no face, and in one portrait the eyes are too near to each other for the limit.
    await copyFile(join(data, 'faces/negatives/coffee.png'), join(photos, 'coffee.png'));
    await buildAndVerify(photos, ['--face-model', faceModel, '--resolution', '64x48'], {
      kind: 'folder',
      images: 7,
      channels: 3,
      size: { width: 64, height: 48 },
      labels: null,
    });
  });
});
