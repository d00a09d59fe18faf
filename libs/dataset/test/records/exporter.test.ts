import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { shuffledOrder, TFRecordDataset, TFRecordExporter } from '../../src/index.js';
import { newMark } from '../../src/records/owner.js';
import { temporaryFolder } from '../folder.js';
import { channelsOf, expected, goldenNames, sourceImages, type GoldenName } from './golden.js';

const folder = temporaryFolder();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function writeGolden(name: GoldenName, out: string): Promise<void> {
  const images = await sourceImages(name);
  const shuffled = !name.endsWith('noshuffle');
  const order = shuffled ? [...shuffledOrder(images.length)] : images.map((_, i) => i);
  const exporter = await TFRecordExporter.create(out, { size: 32, channels: channelsOf(name), name });
  for (const source of order) await exporter.add(images[source]!);
  if (name === 'gray32') {
    const labels = new Float32Array(images.length * 4);
    order.forEach((source, i) => (labels[i * 4 + expected.gray_class_of_source_image[source]!] = 1));
    await exporter.addLabels(labels, 4);
  }
  await exporter.finish();
}

describe('the exporter writes what the official dataset tool writes', () => {
  it.each(goldenNames)('%s, byte for byte', async (name) => {
    const out = join(folder, 'golden', name);
    await writeGolden(name, out);
    const { files, source_index_of_record } = expected.datasets[name];
    for (const [file, golden] of Object.entries(files))
      expect(sha256(await readFile(join(out, file))), file).toBe(golden.sha256);
    expect((await readdir(out)).sort()).toEqual([...Object.keys(files), 'index.json'].sort());
    if (!name.endsWith('noshuffle')) expect([...shuffledOrder(12)]).toEqual(source_index_of_record);
  });

  it('describes the files in index.json', async () => {
    const { index } = await TFRecordDataset.open(join(folder, 'golden', 'gray32'));
    expect(index).toMatchObject({
      images: 12,
      width: 32,
      height: 32,
      channels: 1,
      labels: { components: 4 },
    });
    for (const [shard] of index!.levels.map((level) => level.shards)) {
      const golden = expected.datasets.gray32.files[shard!.file]!;
      expect(shard).toMatchObject({ bytes: golden.bytes, sha256: golden.sha256, records: 12 });
    }
  });

  it('writes the record sizes of the official listing', async () => {
    const exporter = await TFRecordExporter.create(join(folder, 'sizes'), { size: 32, channels: 3 });
    await exporter.add(new Uint8Array(3 * 32 * 32));
    const index = await exporter.finish();
    expect(index.levels.map((level) => level.shards[0]!.recordBytes)).toEqual([3127, 823, 247, 98]);
  });
});

describe('the output folder', () => {
  const build = async (out: string, images: number, value = 0) => {
    const exporter = await TFRecordExporter.create(out, { size: 4, channels: 1 });
    for (let i = 0; i < images; i++) await exporter.add(new Uint8Array(16).fill(value));
    return exporter;
  };

  it('does not appear before the dataset is complete', async () => {
    const parent = join(folder, 'atomic');
    const exporter = await build(join(parent, 'set'), 3);
    expect(await readdir(parent)).toEqual([expect.stringMatching(/^set\.partial-/)]);
    await exporter.finish();
    expect(await readdir(parent)).toEqual(['set']);
  });

  it('keeps the old dataset until the new one is complete', async () => {
    const out = join(folder, 'replace', 'set');
    await (await build(out, 3)).finish();
    const second = await build(out, 5, 9);
    expect((await TFRecordDataset.open(out)).count).toBe(3);
    await second.finish();
    expect((await TFRecordDataset.open(out)).count).toBe(5);
    expect(await readdir(join(folder, 'replace'))).toEqual(['set']);
  });

  it('keeps the old dataset when the new one is given up', async () => {
    const out = join(folder, 'discard', 'set');
    await (await build(out, 3)).finish();
    await (await build(out, 5)).discard();
    expect((await TFRecordDataset.open(out)).count).toBe(3);
    expect(await readdir(join(folder, 'discard'))).toEqual(['set']);
  });

  /** Mark of another process of this machine, or of another machine. */
  const markOf = (pid: number, host = newMark().split('-')[1]!) => `${pid}-${host}-0123abcd`;
  const gone = 999_999_999; // beyond the process ids of any system

  it('gets back a dataset that a killed build had moved aside', async () => {
    const parent = join(folder, 'killed');
    await (await build(join(parent, `set.old-${markOf(gone)}`), 3)).finish();
    await mkdir(join(parent, `set.partial-${markOf(gone)}`));
    // The process of a container that is started again has the id of the one before.
    await mkdir(join(parent, `set.partial-${markOf(process.pid)}`));
    await (await build(join(parent, 'set'), 5)).discard();
    expect((await TFRecordDataset.open(join(parent, 'set'))).count).toBe(3);
    expect(await readdir(parent)).toEqual(['set']);
  });

  it('leaves alone what living processes, other machines and other programs have beside it', async () => {
    const parent = join(folder, 'beside');
    const theirs = [
      `set.old-${markOf(gone, 'ffffffff')}`,
      `set.partial-${markOf(process.ppid)}`,
      `set.partial-${markOf(gone, 'ffffffff')}`,
      'set.partial-12',
    ];
    for (const name of theirs) await mkdir(join(parent, name), { recursive: true });
    await (await build(join(parent, 'set'), 2)).finish();
    expect((await readdir(parent)).sort()).toEqual(['set', ...theirs].sort());
  });

  it('is written by two at a time, in this process and another', async () => {
    const out = join(folder, 'parallel', 'set');
    const script = fileURLToPath(new URL('export-script.ts', import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, script, out], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data'); // it has begun
    const [first, second] = [await build(out, 1, 1), await build(out, 2, 2)];
    await second.finish();
    await first.finish();
    expect((await TFRecordDataset.open(out)).count).toBe(1);
    child.stdin.end();
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect((await TFRecordDataset.open(out)).count).toBe(3);
    expect(await readdir(join(folder, 'parallel'))).toEqual(['set']);
  });

  it.each([
    ['a folder with something else in it', async (out: string) => writeFile(join(out, 'thesis.txt'), 'x')],
    ['a folder with another index.json', async (out: string) => writeFile(join(out, 'index.json'), '{}')],
    [
      'a dataset with a foreign file in it',
      async (out: string) => {
        await (await build(out, 1)).finish();
        await writeFile(join(out, 'notes.txt'), 'x');
      },
    ],
  ])('is refused: %s', async (what, prepare) => {
    const out = join(folder, 'refused', what.replaceAll(' ', '-'));
    await mkdir(out, { recursive: true });
    await prepare(out);
    const before = await readdir(out);
    await expect(build(out, 1)).rejects.toMatchObject({ code: 'output-refused' });
    expect(await readdir(out)).toEqual(before);
  });

  it('is refused where a file is', async () => {
    const out = join(folder, 'a-file');
    await writeFile(out, 'x');
    await expect(build(out, 1)).rejects.toMatchObject({ code: 'output-refused' });
  });
});

describe('arguments', () => {
  it.each([0, 2, 48, 2048, 1.5])('size %s is refused', async (size) => {
    const creating = TFRecordExporter.create(join(folder, 'never'), { size, channels: 3 });
    await expect(creating).rejects.toThrow(/expected a power of two from 4 to 1024/);
  });

  it('an image of another size is refused', async () => {
    const exporter = await TFRecordExporter.create(join(folder, 'wrong'), { size: 8, channels: 3 });
    await expect(exporter.add(new Uint8Array(64))).rejects.toThrow(
      /expected 192 bytes \(3 channels of 8x8\), got 64/,
    );
    await exporter.discard();
  });

  it('labels for another number of images are refused', async () => {
    const exporter = await TFRecordExporter.create(join(folder, 'wrong'), { size: 4, channels: 1 });
    await exporter.add(new Uint8Array(16));
    await expect(exporter.addLabels(new Float32Array(4), 2)).rejects.toThrow(/expected 1x2 numbers, got 4/);
    await exporter.discard();
  });
});
