/** Pictures and CelebA lists made by the tests: smooth colours with fine noise, points anywhere inside. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RandomState } from '@pggan/random';
import sharp, { type Sharp } from 'sharp';
import { buildOptionsSchema, type BuildContext, type BuildRequest } from '../../src/index.js';

export function noisePicture(random: RandomState, width: number, height: number): Sharp {
  const [red, green, blue] = [random.randint(200), random.randint(200), random.randint(200)];
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const shade = (i % width) / width + random.uniform() * 0.4;
    pixels.set([red! * shade, green! * shade, blue! + 40 * shade], i * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

export async function put(file: string, content: Buffer | string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const columns =
  'lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y';

/** A source in CelebA's layout. Every fifth picture has no landmarks. Labels: Even, and First for the first. */
export async function celebaSource(folder: string, count: number): Promise<void> {
  const random = new RandomState(11);
  const [points, attributes]: string[][] = [[], []];
  for (let i = 1; i <= count; i++) {
    const name = `${String(i).padStart(6, '0')}.jpg`;
    await put(join(folder, 'img_celeba', name), await noisePicture(random, 120, 140).jpeg().toBuffer());
    const [x, y] = [40 + random.randint(12), 50 + random.randint(12)];
    const face = [x, y, x + 30, y + 2, x + 16, y + 18, x + 3, y + 32, x + 27, y + 33];
    if (i % 5 !== 0) points!.push([name, ...face].join(' '));
    attributes!.push(`${name} ${i % 2 === 0 ? 1 : -1} ${i === 1 ? 1 : -1}`);
  }
  const list = (names: string, lines: string[]) => `${lines.length}\n${names}\n${lines.join('\n')}\n`;
  await put(join(folder, 'list_landmarks_celeba.txt'), list(columns, points!));
  await put(join(folder, 'list_attr_celeba.txt'), list('Even First', attributes!));
}

export const noModel: BuildContext = {
  faceModel: () => Promise.reject(new Error('this build must not look for a face model')),
};

/** Small and tolerant, so that every limit is switched on by the test that is about it. */
export function options(request: BuildRequest) {
  return buildOptionsSchema.parse({
    size: 16,
    minFace: 0,
    maxPad: 1,
    minSharpness: 0,
    enlargeLimit: 100,
    workers: 1,
    ...request,
  });
}

/** File name → sha256, for comparing whole datasets. */
export async function hashes(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of (await readdir(folder)).sort())
    found[file] = createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex');
  return found;
}

export async function manifestOf(folder: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, 'manifest.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
