/** The embedded sample's pictures without a face, by its annotation and by detection. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepHere, runScript } from './spawn.js';

const data =
  process.env['PGGAN_TEST_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const faceModel = join(data, 'models/face_landmarker/face_landmarker.task');
const generator = fileURLToPath(new URL('../../../tools/sample-faces/src/main.ts', import.meta.url));
let folder: string;
let faceless: string[];
const sample = () => join(folder, 'sample');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pggan-sample-'));
  const generated = await runScript(generator, ['--out', sample(), '--count', '90', '--seed', '1']);
  expect(generated.code, generated.stderr).toBe(0);
  const [names, ...rows] = (await readFile(join(sample(), 'truth.csv'), 'utf8')).trim().split('\n');
  const defect = names!.split(',').indexOf('defect');
  faceless = rows.map((row) => row.split(',')).flatMap((row) => (row[defect] === 'faceless' ? row[0]! : []));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Names of the pictures that were dropped for want of a face. */
async function withoutFace(source: string, landmarks: string): Promise<string[]> {
  const out = join(folder, landmarks);
  const { code, stderr } = await prepHere([
    'build-dataset',
    '--source',
    source,
    '--out',
    out,
    '--landmarks',
    landmarks,
    '--face-model',
    faceModel,
  ]);
  expect(code, stderr).toBe(0);
  const manifest = (await readFile(join(out, 'manifest.jsonl'), 'utf8')).trim().split('\n');
  return manifest
    .map((line) => JSON.parse(line) as { path: string; decision: string; reason: string | null })
    .filter(({ decision, reason }) => decision === 'dropped' && reason === 'no-face')
    .map(({ path }) => path.split('/').at(-1)!)
    .sort();
}

describe('the faceless pictures of the rendered sample', () => {
  it('are some', () => expect(faceless.length).toBeGreaterThan(2));

  it('and no others are dropped as such by the annotation', async () => {
    expect(await withoutFace(sample(), 'annotation')).toEqual(faceless);
  });

  it.skipIf(!existsSync(faceModel))(
    'are dropped as such by detection, and pictures with faces are not',
    async () => {
      const few = join(folder, 'few');
      await mkdir(few);
      for (const name of [...faceless, '000001.jpg', '000002.jpg', '000003.jpg'])
        await copyFile(join(sample(), 'img_celeba', name), join(few, name));
      expect(await withoutFace(few, 'detect')).toEqual(faceless);
    },
    120_000,
  );
});
