/**
 * TensorFlow's own tf.data against this library, pixel for pixel, in both directions:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/interop.mts
 *
 * Ours is written in the official layout, in shards, gray, and as rectangles; TensorFlow's with its own order of
 * features. Ends with 1 when anything differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
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

  const written = join(folder, 'tensorflow');
  const exporter = await TFRecordExporter.create(written, { size: 8, channels: 3 });
  await exporter.add(new Uint8Array(3 * 8 * 8));
  await exporter.finish();
  await rm(join(written, 'index.json'));
  for (const side of [8, 4]) {
    const file = join(written, `tensorflow-r0${Math.log2(side)}.tfrecords`);
    const theirs = tensorflow('write', file, String(side), String(count));
    if (side === 8) continue;
    const dataset = await TFRecordDataset.open(written);
    const ours = await dataset.images(
      2,
      Array.from({ length: count }, (_, i) => i),
    );
    report('what TensorFlow writes is read', theirs.equals(Buffer.from(ours)));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
