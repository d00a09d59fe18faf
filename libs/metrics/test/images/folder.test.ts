import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { imageFolder, type ImageBatch, type ImageSource } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { everyOf, imageSet } from '../golden.js';

async function all(source: ImageSource): Promise<ImageBatch[]> {
  const out: ImageBatch[] = [];
  for await (const batch of source) out.push(batch);
  return out;
}

function writePicture(path: string, size: number, channels: 1 | 2 | 3 | 4, fill: (i: number) => number) {
  const data = Uint8Array.from({ length: size * size * channels }, (_, i) => fill(i));
  return sharp(data, { raw: { width: size, height: size, channels } })
    .png()
    .toFile(path);
}

it('pictures in the order of their names, as planes', async () => {
  const folder = temporaryFolder();
  const set = imageSet('P16');
  for (const i of [2, 0, 1]) {
    const { data } = everyOf(set, i, Infinity);
    const interleaved = (at: number) => data[(at % 3) * 256 + Math.floor(at / 3)]!;
    await writePicture(join(folder, `${i}.png`), 16, 3, interleaved);
  }
  writeFileSync(join(folder, 'notes.txt'), 'no picture');
  const images = await imageFolder(folder, { minibatch: 2 });
  expect(images).toMatchObject({ count: 3, shape: { channels: 3, width: 16, height: 16 } });
  const found = await all(images);
  expect(found.map(({ data }) => data.length)).toEqual([2 * 768, 768]);
  expect(Buffer.concat(found.map(({ data }) => data))).toEqual(Buffer.from(set.data.subarray(0, 3 * 768)));
  expect((await all(await imageFolder(folder, { most: 1 }))).map(({ data }) => data.length)).toEqual([768]);
});

it('gray pictures become colour ones, or stay gray; an opaque alpha channel is left out', async () => {
  const folder = temporaryFolder();
  await writePicture(join(folder, 'a.png'), 16, 1, (i) => i);
  await writePicture(join(folder, 'b.png'), 16, 4, (i) => (i % 4 === 3 ? 255 : Math.floor(i / 4)));
  const ramp = Array.from({ length: 256 }, (_, i) => i);
  const [colour] = await all(await imageFolder(folder));
  expect(Array.from(colour!.data)).toEqual([...ramp, ...ramp, ...ramp, ...ramp, ...ramp, ...ramp]);
  const [gray] = await all(await imageFolder(folder, { channels: 1 }));
  expect(Array.from(gray!.data)).toEqual([...ramp, ...ramp]);
});

it('folders that do not do are refused by name', async () => {
  const folder = temporaryFolder();
  const refused = async (message: string) =>
    expect(imageFolder(folder).then(all)).rejects.toMatchObject({
      code: 'folder-invalid',
      message: expect.stringContaining(message),
    });
  await refused('holds no pictures');
  await writePicture(join(folder, 'a.png'), 16, 3, (i) => i);
  await writePicture(join(folder, 'b.png'), 32, 3, (i) => i);
  await refused('b.png: expected 16x16 as a.png is, got 32x32');
  await writePicture(join(folder, 'b.png'), 16, 4, (i) => i);
  await refused('b.png: is partly transparent');
  writeFileSync(join(folder, 'b.png'), 'no picture');
  await refused('b.png: cannot be read as a picture');
  await expect(imageFolder(join(folder, 'none'))).rejects.toThrow('no folder that can be read');
});
