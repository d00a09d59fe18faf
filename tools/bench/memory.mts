/**
 * Peak memory of a build against the number of its pictures:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/memory.mts [faces] [count ...]
 *
 * Each count (default 1000 10000 100000) is a folder of small PNG pictures made here and removed again,
 * built twice in a process of its own: from nothing, and over the dataset that is there then. Printed is
 * the largest resident set of that process, worker threads included.
 *
 * With `faces` the pictures (default 1000 10000) are rendered ones of the sample with a number in their files; faces are
 * found in them by the model that PGGAN_FACE_MODEL names and aligned in the fast mode. Printed as well: the resident set
 * after every tenth of the pictures, and what the time comes to for CelebA's 202,599 pictures.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDataset, buildOptionsSchema } from '@pggan/dataset';
import { RandomState } from '@pggan/random';
import { generateSample } from '@pggan/sample-faces';
import sharp from 'sharp';

const side = 32;
const celebaPictures = 202_599;
/** Rendered pictures that are repeated. */
const rendered = 200;

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

const [role, ...rest] = process.argv.slice(2);

if (role === 'build' || role === 'build-faces') await build(role === 'build-faces');
else {
  const faces = role === 'faces';
  const counts = (faces ? rest : process.argv.slice(2)).map(Number);
  const usual = faces ? [1000, 10_000] : [1000, 10_000, 100_000];
  for (const count of counts.length > 0 ? counts : usual) await measure(count, faces);
}

/** In a process of its own. */
async function build(faces: boolean): Promise<void> {
  const [source, out] = rest as [string, string];
  const how = faces
    ? ({ align: 'face', alignMode: 'fast', size: 256, landmarks: 'detect', kind: 'folder' } as const)
    : ({ align: 'none', size: side } as const);
  const tenths: number[] = []; // resident set after each tenth of the pictures, bytes
  const options = buildOptionsSchema.parse({ source, out, ...how });
  const summary = await buildDataset(options, {
    faceModel: () => {
      const model = process.env['PGGAN_FACE_MODEL'];
      return model === undefined
        ? Promise.reject(new Error('name a model with PGGAN_FACE_MODEL'))
        : Promise.resolve(model);
    },
    onProgress({ step, done, total }) {
      if (step === 'pictures' && done >= ((tenths.length + 1) * total) / 10)
        tenths.push(process.memoryUsage.rss());
    },
  });
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const { images, reused } = summary;
  const processor = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ images, reused, peak: maxRSS * 1024, processor, tenths } satisfies Built));
}

interface Built {
  readonly images: number;
  readonly reused: number;
  readonly peak: number; // bytes
  readonly processor: number; // seconds of all threads
  readonly tenths: readonly number[];
}

/** Rendered pictures over and over, each with its number in a comment: no two files are equal. */
async function makeFaces(folder: string, count: number): Promise<void> {
  const sample = `${folder}-sample`;
  await generateSample({ out: sample, count: Math.min(rendered, count), seed: 1 });
  const names = (await readdir(join(sample, 'img_celeba'))).sort();
  const files = await Promise.all(names.map((name) => readFile(join(sample, 'img_celeba', name))));
  for (let i = 0; i < count; i++) {
    const directory = join(folder, String(Math.floor(i / 1000)).padStart(4, '0'));
    if (i % 1000 === 0) await mkdir(directory, { recursive: true });
    const file = files[i % files.length]!;
    // After the marker that begins every JPEG file: FFFE, length, text.
    const comment = Buffer.from([0xff, 0xfe, 0, 10, ...Buffer.from(String(i).padStart(8, '0'))]);
    const numbered = Buffer.concat([file.subarray(0, 2), comment, file.subarray(2)]);
    await writeFile(join(directory, `${String(i % 1000).padStart(3, '0')}.jpg`), numbered);
  }
}

async function makePictures(folder: string, count: number): Promise<void> {
  const random = new RandomState(1);
  const raw = { width: side, height: side, channels: 3 } as const;
  for (let i = 0; i < count; i++) {
    const directory = join(folder, String(Math.floor(i / 1000)).padStart(4, '0'));
    if (i % 1000 === 0) await mkdir(directory, { recursive: true });
    const pixels = Buffer.alloc(side * side * 3, random.randint(256));
    // The number of the picture in its first pixels: no two are equal.
    for (let bit = 0; bit < 20; bit++) pixels.fill((i >> bit) & 1 ? 255 : 0, bit * 48, bit * 48 + 48);
    await writeFile(join(directory, `${i % 1000}.png`), await sharp(pixels, { raw }).png().toBuffer());
  }
}

async function runBuild(what: string, source: string, out: string): Promise<Built> {
  const argv = [...process.execArgv, fileURLToPath(import.meta.url), what, source, out];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of child.stdout) text += String(part);
  return JSON.parse(text) as Built;
}

async function measure(count: number, faces: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pggan-memory-'));
  const pictures = join(folder, 'pictures');
  try {
    await (faces ? makeFaces : makePictures)(pictures, count);
    for (const what of ['from nothing', 'over itself']) {
      const start = performance.now();
      const built = await runBuild(faces ? 'build-faces' : 'build', pictures, join(folder, 'set'));
      const seconds = (performance.now() - start) / 1000;
      console.log(
        `${count} pictures, ${what}: peak ${mebibytes(built.peak)} MiB, ` +
          `${built.images} images, ${built.reused} reused, ${seconds.toFixed(1)} s`,
      );
      if (!faces) continue;
      const forCelebA = (time: number) => ((celebaPictures * time) / count / 3600).toFixed(1);
      console.log(
        `  after each tenth: ${built.tenths.map(mebibytes).join(' ')} MiB; ` +
          `${celebaPictures} pictures: ${forCelebA(seconds)} hours, ${forCelebA(built.processor)} of processor time`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
