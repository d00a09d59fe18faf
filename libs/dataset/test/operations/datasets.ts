/** Small datasets that the tests make, and damage. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { contactSheet } from '../../src/pipeline/sheet.js';
import { TFRecordExporter, type ExporterOptions } from '../../src/records/exporter.js';
import type { DatasetIndex } from '../../src/records/index-file.js';

export interface DatasetSpec {
  readonly size?: ExporterOptions['size']; // default 16
  readonly channels?: 1 | 3; // default 3
  readonly images?: number; // default 10
  readonly shardImages?: number;
  readonly labels?: boolean; // with three names
  readonly manifest?: boolean; // one line per image and one dropped picture; and a contact sheet
  readonly mirror?: boolean; // manifest lines of two images each
  readonly index?: boolean; // false: as the official tool leaves it
  readonly seed?: number;
}

/** Images of random pixels: no two alike. */
export function randomImages(count: number, bytes: number, seed: number): Uint8Array[] {
  const random = new RandomState(seed);
  return Array.from({ length: count }, () => Uint8Array.from({ length: bytes }, () => random.randint(256)));
}

export function manifestOf(images: number, mirror: boolean): string {
  const lines: unknown[] = [{ path: 'bad.jpg', decision: 'dropped', reason: 'unreadable', record: null }];
  for (let record = 0; record < images; record += mirror ? 2 : 1)
    lines.push({
      path: `${record}.jpg`,
      decision: 'kept',
      reason: null,
      record,
      ...(mirror ? { mirrored: record + 1 } : {}),
    });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Writes a dataset to `out`; returns its index. */
export async function makeDataset(out: string, spec: DatasetSpec = {}): Promise<DatasetIndex> {
  const { size = 16, channels = 3, images: count = 10, shardImages, seed = 1 } = spec;
  const { width, height } = typeof size === 'number' ? { width: size, height: size } : size;
  const images = randomImages(count, channels * width * height, seed);
  const exporter = await TFRecordExporter.create(out, {
    size,
    channels,
    name: 'set',
    source: { kind: 'test' },
    settings: { some: 'setting' },
    ...(shardImages === undefined ? {} : { shardImages }),
  });
  for (const image of images) await exporter.add(image);
  if (spec.labels)
    await exporter.addLabels(
      Float32Array.from({ length: count * 3 }, (_, i) => i / 2),
      3,
      ['left', 'right', 'up, "down"'],
    );
  if (spec.manifest) {
    await exporter.addFile('manifest.jsonl', Buffer.from(manifestOf(count, spec.mirror ?? false)));
    const columns = Math.min(12, count);
    await exporter.addFile(
      'sheet.png',
      await contactSheet(Buffer.concat(images), { columns, width, height, channels }),
    );
  }
  const index = await exporter.finish();
  if (spec.index === false) await rm(join(out, 'index.json'));
  return index;
}

/** Every shape of dataset that readers must take. */
export const specs: readonly (readonly [string, DatasetSpec])[] = [
  ['RGB', { manifest: true }],
  ['gray', { channels: 1, labels: true }],
  ['rectangular', { size: { width: 16, height: 12 }, manifest: true }],
  ['in shards', { shardImages: 4, labels: true, manifest: true, mirror: true }],
  ['without index', { index: false, labels: true }],
  ['in shards, without index', { index: false, shardImages: 4 }],
];

/** Text of an index as older versions wrote it, without its own SHA-256, so that it may be changed. */
export function unsealed(index: string): string {
  return index.replace(/,\n {2}"sha256": "[0-9a-f]{64}"\n\}\n$/, '\n}\n');
}

export async function flip(directory: string, file: string, byte: number, bit = 0): Promise<void> {
  const path = join(directory, file);
  const bytes = await readFile(path);
  bytes[byte]! ^= 1 << bit;
  await writeFile(path, bytes);
}
