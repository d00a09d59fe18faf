/** Textured pictures with the statistics of photographs: noise of all scales, coloured, as JPEG files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import sharp from 'sharp';

const canvas = { width: 2400, height: 1800 };
const canvases = 6;

/** A random grid of `columns` cells across, enlarged to the canvas; contrast falls with the size of a cell. */
async function octave(random: RandomState, columns: number): Promise<Buffer> {
  const rows = Math.round((columns * canvas.height) / canvas.width);
  const grid = Buffer.alloc(rows * columns * 3);
  for (let i = 0; i < grid.length; i++) grid[i] = random.randint(256);
  return sharp(grid, { raw: { width: columns, height: rows, channels: 3 } })
    .resize(canvas.width, canvas.height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}

async function paint(random: RandomState): Promise<Buffer> {
  const octaves: [number, Buffer][] = [];
  for (let columns = 4; columns <= canvas.width; columns *= 3)
    octaves.push([0.62 ** octaves.length, await octave(random, columns)]);
  const total = octaves.reduce((sum, [weight]) => sum + weight, 0);
  const pixels = Buffer.alloc(canvas.width * canvas.height * 3);
  for (let i = 0; i < pixels.length; i++) {
    let sum = 0;
    for (const [weight, values] of octaves) sum += weight * values[i]!;
    // Averages of noise are dull: stretch them about the middle.
    pixels[i] = Math.max(0, Math.min(255, Math.round((sum / total - 128) * 2.2 + 128)));
  }
  return pixels;
}

/** `count` JPEG files of quality 90, about `size` × 3/4 `size`, the same ones every time; their total size in bytes. */
export async function makePictures(folder: string, count: number, seed: number, size = 640): Promise<number> {
  await mkdir(folder, { recursive: true });
  const random = new RandomState(seed);
  const paintings: Buffer[] = [];
  for (let i = 0; i < canvases; i++) paintings.push(await paint(random));
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const width = Math.round(size * (0.9375 + 0.125 * random.uniform()));
    const height = Math.round(size * 0.75 * (0.9375 + 0.125 * random.uniform()));
    const left = random.randint(canvas.width - width + 1);
    const top = random.randint(canvas.height - height + 1);
    const file = await sharp(paintings[i % canvases], { raw: { ...canvas, channels: 3 } })
      .extract({ left, top, width, height })
      .modulate({ hue: random.randint(360), saturation: 0.5 + random.uniform() })
      .jpeg({ quality: 90 })
      .toBuffer();
    bytes += file.length;
    await writeFile(join(folder, `picture${String(i).padStart(5, '0')}.jpg`), file);
  }
  return bytes;
}
