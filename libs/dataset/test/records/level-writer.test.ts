/** Levels of more than a chunk, which are written while the next chunk is filled and hashed in a thread. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TFRecordDataset, TFRecordExporter } from '../../src/index.js';
import { bytes } from '../kernels/samples.js';

const images = 130;
const size = 128;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pggan-writer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['one file', undefined],
  ['shards of several chunks', 60],
  ['shards smaller than a chunk', 7],
])('%s', async (name, shardImages) => {
  const out = join(folder, name.replaceAll(' ', '-'));
  const exporter = await TFRecordExporter.create(out, {
    size,
    channels: 3,
    ...(shardImages === undefined ? {} : { shardImages }),
  });
  const added: Uint8Array[] = [];
  for (let i = 0; i < images; i++) {
    added.push(bytes(3 * size * size));
    await exporter.add(added[i]!);
  }
  const index = await exporter.finish();

  for (const { shards } of index.levels) {
    expect(shards.length).toBe(Math.ceil(images / (shardImages ?? images)));
    for (const shard of shards) {
      const file = await readFile(join(out, shard.file));
      expect(file.length).toBe(shard.bytes);
      expect(createHash('sha256').update(file).digest('hex')).toBe(shard.sha256);
      expect(crc32c(file).toString(16).padStart(8, '0')).toBe(shard.crc32c);
    }
  }
  const dataset = await TFRecordDataset.open(out);
  await using reader = dataset.reader({ shuffle: false });
  for (let i = 0; i < images; i++)
    expect(Buffer.compare(await reader.next(7, 1), added[i]!), `image ${i}`).toBe(0);
});

it('a dataset given up in the middle of a chunk leaves nothing', async () => {
  const out = join(folder, 'given-up');
  const exporter = await TFRecordExporter.create(out, { size, channels: 3 });
  for (let i = 0; i < 50; i++) await exporter.add(bytes(3 * size * size));
  await exporter.discard();
  await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
});
