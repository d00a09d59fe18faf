/**
 * Peak memory of a build against the number of its pictures:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/memory.mts [count ...]
 *
 * Each count (default 1000 10000 100000) is a folder of small JPEG pictures made here and removed again,
 * built twice in a process of its own: from nothing, and over the dataset that is there then. Printed is
 * the largest resident set of that process, worker threads included.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDataset, buildOptionsSchema } from '@pggan/dataset';
import { RandomState } from '@pggan/random';
import sharp from 'sharp';

const side = 32;
const [role, ...rest] = process.argv.slice(2);

if (role === 'build') {
  const [source, out] = rest as [string, string];
  const options = buildOptionsSchema.parse({ source, out, align: 'none', size: side });
  const summary = await buildDataset(options, {
    faceModel: () => Promise.reject(new Error('no faces here')),
  });
  const { maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ images: summary.images, reused: summary.reused, peak: maxRSS * 1024 }));
} else {
  const counts = process.argv.slice(2).map(Number);
  for (const count of counts.length > 0 ? counts : [1000, 10_000, 100_000]) await measure(count);
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

async function runBuild(source: string, out: string): Promise<Record<string, number>> {
  const argv = [...process.execArgv, fileURLToPath(import.meta.url), 'build', source, out];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of child.stdout) text += String(part);
  return JSON.parse(text) as Record<string, number>;
}

async function measure(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pggan-memory-'));
  try {
    await makePictures(join(folder, 'pictures'), count);
    for (const what of ['from nothing', 'over itself']) {
      const start = performance.now();
      const { images, reused, peak } = await runBuild(join(folder, 'pictures'), join(folder, 'set'));
      const seconds = (performance.now() - start) / 1000;
      console.log(
        `${count} pictures, ${what}: peak ${(peak! / 2 ** 20).toFixed(0)} MiB, ` +
          `${images} images, ${reused} reused, ${seconds.toFixed(1)} s`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
