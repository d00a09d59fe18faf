/**
 * TensorFlow's own tf.data against this library, pixel for pixel, in both directions:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/interop.mts
 *
 * Ours is written in the official layout, in shards, gray, and as rectangles; TensorFlow's gray and in colour, every level,
 * with its own order of features. Ends with 1 when anything differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TFRecordDataset, TFRecordExporter, type ExporterOptions } from '@pggan/dataset';
import { RandomState } from '@pggan/random';
import { peerPython } from './python.mjs';

const peer = join(import.meta.dirname, 'peers/tf_data.py');
const python = peerPython();
const count = 37;
let failed = 0;

function tensorflow(...argv: readonly string[]): Buffer {
  return execFileSync(python, [peer, ...argv], { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 30 });
}

function report(what: string, same: boolean): void {
  console.log(`${same ? 'same  ' : 'FAILED'} ${what}`);
  if (!same) failed++;
}

const folder = await mkdtemp(join(tmpdir(), 'pggan-interop-'));
try {
  const layouts: Record<string, ExporterOptions> = {
    official: { size: 32, channels: 3 },
    gray: { size: 32, channels: 1 },
    sharded: { size: 32, channels: 3, shardImages: 10 },
    rectangles: { size: { width: 64, height: 48 }, channels: 3 },
  };
  for (const [name, options] of Object.entries(layouts)) {
    const directory = join(folder, name);
    const { width, height } =
      typeof options.size === 'number' ? { width: options.size, height: options.size } : options.size;
    const exporter = await TFRecordExporter.create(directory, options);
    const random = new RandomState(3);
    for (let i = 0; i < count; i++)
      await exporter.add(
        Uint8Array.from({ length: options.channels * width * height }, () => random.randint(256)),
      );
    await exporter.finish();

    const dataset = await TFRecordDataset.open(directory);
    const records = Array.from({ length: count }, (_, i) => i);
    for (const [level, { shards }] of dataset.levels) {
      const theirs = tensorflow('read', ...shards.map(({ path }) => path));
      const ours = await dataset.images(level, records);
      report(`tf.data reads ${name}, level ${level}`, theirs.equals(Buffer.from(ours)));
    }
  }

  const side = 16;
  for (const channels of [1, 3] as const) {
    const written = join(folder, `tensorflow-${channels}`);
    await mkdir(written);
    const theirs = new Map<number, Buffer>();
    for (let level = 2; 2 ** level <= side; level++) {
      const file = join(written, `tensorflow-r0${level}.tfrecords`);
      theirs.set(level, tensorflow('write', file, ...[channels, 2 ** level, count].map(String)));
    }
    const dataset = await TFRecordDataset.open(written);
    const records = Array.from({ length: count }, (_, i) => i);
    for (const [level, pixels] of theirs) {
      const ours = await dataset.images(level, records);
      const what = `${channels === 1 ? 'gray' : 'RGB'}, level ${level}`;
      report(`what TensorFlow writes is read: ${what}`, pixels.equals(Buffer.from(ours)));
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
