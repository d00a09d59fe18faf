import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDataset, temporaryFolder } from './datasets.js';
import { prepHere } from './spawn.js';

const folder = temporaryFolder();
const [source, dataset] = [join(folder, 'photos'), join(folder, 'set')];

beforeAll(async () => {
  await mkdir(source);
  const raw = { width: 24, height: 24, channels: 3 } as const;
  for (const shade of [40, 120, 200]) {
    const pixels = Uint8Array.from({ length: 24 * 24 * 3 }, (_, i) => shade + ((i * 7919) % 41));
    await sharp(pixels, { raw })
      .png()
      .toFile(join(source, `${shade}.png`));
  }
  await writeFile(join(source, 'text.jpg'), 'no picture');
  const argv = ['--source', source, '--out', dataset, '--align', 'none', '--resolution', '16'];
  expect((await prepHere(['build-dataset', ...argv, '--workers', '1'])).code).toBe(0);
});

it('help', async () => {
  const { code, stdout } = await prepHere(['report', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/report.txt');
});

describe('prep report', () => {
  it('writes the page beside the dataset, and says where', async () => {
    const { code, stdout, stderr } = await prepHere(['report', `${dataset}/`, '--json']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/\/set\.report\.html: 3 of 4 lines kept, 4 of them shown, .*B\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ lines: 4, kept: 3, reasons: { 'not-an-image': 1 }, shown: 4 });
    expect((await readdir(folder)).sort()).toEqual(['photos', 'set', 'set.report.html']);
  });

  it('shows what was dropped when it is told where the pictures are', async () => {
    const out = join(folder, 'b.html');
    const argv = ['--source', source, '--out', out, '--no-check', '--examples', '2', '--json'];
    const { code, stdout } = await prepHere(['report', dataset, ...argv]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ page: { path: out }, nearDuplicates: null });
    expect(await readFile(out, 'utf8')).toContain('no picture can be made of it');
  });

  it.each([
    [[dataset, '--examples', '101'], 2, 'Expected a whole number from 1 to 100.'],
    [[dataset, '--out', join(dataset, 'x.html')], 1, 'lies in the dataset'],
    [[dataset, '--source', join(folder, 'nowhere')], 1, 'no such folder'],
    [[join(folder, 'nowhere')], 1, 'no such folder'],
  ])('%j ends with code %i', async (argv, expected, message) => {
    const { code, stdout, stderr } = await prepHere(['report', ...argv]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it('needs a manifest', async () => {
    const bare = join(folder, 'bare');
    await makeDataset(bare);
    const { code, stderr } = await prepHere(['report', bare]);
    expect(code).toBe(1);
    expect(stderr).toContain('has no manifest.jsonl');
  });
});
