import { createHash } from 'node:crypto';
import { cp, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from './datasets.js';
import { prepHere } from './spawn.js';

const { default: sharp } = await import('sharp');
const folder = temporaryFolder();
const [pictures, built, copy] = ['pictures', 'built', 'copy'].map((name) => join(folder, name));
const top = 'built-r05.tfrecords';

const hashOf = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

it('images of the largest level are made again from their pictures, bit for bit', async () => {
  await mkdir(pictures!);
  for (let i = 0; i < 9; i++) {
    const pixels = Buffer.alloc(40 * 50 * 3).map((_, at) => (at * (7 + i) + i * 31) % 251);
    const picture = sharp(pixels, { raw: { width: 40, height: 50, channels: 3 } });
    await writeFile(join(pictures!, `${i}.png`), await picture.png().toBuffer());
  }
  const options = ['--align', 'none', '--resolution', '32', '--mirror', '--shard-images', '10'];
  const { code } = await prepHere(['build-dataset', '--source', pictures!, '--out', built!, ...options]);
  expect(code).toBe(0);

  await cp(built!, copy!, { recursive: true });
  const broken = top.replace('.tfrecords', '-00001-of-00002.tfrecords');
  const handle = await open(join(copy!, broken), 'r+');
  // Three records, each in several bytes, so that checksums alone cannot put them right.
  for (const at of [500, 600, 9000, 9900]) await handle.write(Buffer.from('damage'), 0, 6, at);
  await handle.close();

  const alone = await prepHere(['repair', copy!]);
  expect(alone.code).toBe(1);
  expect(alone.stderr).toMatch(/not repaired: .*--source/);

  const repaired = await prepHere(['repair', copy!, '--source', pictures!]);
  expect(repaired.stderr).toMatch(/rebuilt \(images: 5 kept, 3 made from the pictures\)/);
  expect(repaired.code).toBe(0);
  expect(await hashOf(join(copy!, broken))).toBe(await hashOf(join(built!, broken)));

  const wrong = await prepHere(['repair', built!, '--source', join(folder, 'nowhere')]);
  expect({ code: wrong.code, stderr: wrong.stderr }).toMatchObject({ code: 0 }); // nothing is broken there
});
