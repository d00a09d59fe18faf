/**
 * Verifying a dataset whose files are cached: every checksum, shape, count, and every level against the one above it.
 * Beside it, on the same files and by turns, what is least possible: CRC-32C of all bytes in one thread, and TensorFlow
 * reading all records, which checks their CRC and nothing else.
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/verify.mts [megabytes] [rounds] [side …]
 *
 * Rates are megabytes a second of wall time and, for ours, of processor time: the rate of a core.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { TFRecordDataset, TFRecordExporter, verifyDataset } from '@pggan/dataset';
import { machine, reportRates } from './measure.mjs';
import { peerPython } from './python.mjs';

const [megabytes, rounds] = [Number(process.argv[2] ?? 400), Number(process.argv[3] ?? 5)];
const asked = process.argv.slice(4).map(Number);
const sides = asked.length > 0 ? asked : [32, 64, 128, 256, 1024];
const python = peerPython();

async function makeDataset(directory: string, side: number): Promise<string[]> {
  const exporter = await TFRecordExporter.create(directory, { size: side, channels: 3 });
  const image = new Uint8Array(3 * side * side);
  let state = 1;
  for (let i = 0; i < image.length; i++) image[i] = (state = (state * 48271) % 0x7fffffff) & 255;
  const count = Math.ceil((megabytes * 1e6) / (image.length * (4 / 3)));
  for (let i = 0; i < count; i++) {
    image.copyWithin(1, 0, image.length - 1);
    image[0] = i & 255;
    await exporter.add(image);
  }
  await exporter.finish();
  const { levels } = await TFRecordDataset.open(directory);
  return [...levels.values()].flatMap(({ shards }) => shards.map(({ path }) => path));
}

async function checksums(files: readonly string[]): Promise<void> {
  const chunk = Buffer.alloc(1 << 20);
  for (const file of files) {
    const handle = await open(file);
    let crc = 0;
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length);
      if (bytesRead === 0) break;
      crc = crc32c(chunk.subarray(0, bytesRead), crc);
    }
    await handle.close();
  }
}

function tensorflowSeconds(files: readonly string[]): number {
  const script =
    'import os, sys, time; os.environ["TF_CPP_MIN_LOG_LEVEL"]="3"\n' +
    'import tensorflow as tf\n' +
    'start = time.perf_counter()\n' +
    'for _ in tf.data.TFRecordDataset(sys.argv[1:], buffer_size=1 << 20).batch(64).prefetch(2): pass\n' +
    'print(time.perf_counter() - start)';
  const out = execFileSync(python, ['-c', script, ...files], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number(out.trim());
}

console.log(machine());
for (const side of sides) {
  const folder = await mkdtemp(join(tmpdir(), 'pggan-verify-'));
  try {
    const directory = join(folder, 'set');
    const files = await makeDataset(directory, side);
    const rates = { wall: [] as number[], core: [] as number[], crc: [] as number[], peer: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const before = process.cpuUsage();
      let start = performance.now();
      const report = await verifyDataset(directory);
      const wall = (performance.now() - start) / 1000;
      const { user, system } = process.cpuUsage(before);
      if (!report.sound) throw new Error(`the dataset is not sound: ${JSON.stringify(report.counts)}`);
      const read = report.bytes / 1e6;
      rates.wall.push(read / wall);
      rates.core.push(read / ((user + system) / 1e6));
      start = performance.now();
      await checksums(files);
      rates.crc.push(read / ((performance.now() - start) / 1000));
      rates.peer.push(read / tensorflowSeconds(files));
    }
    console.log(`${side}x${side}, ${megabytes} MB`);
    reportRates('MB/s', rates.wall, rates.crc, 'CRC alone');
    reportRates('MB/s', rates.wall, rates.peer, 'TensorFlow');
    console.log(`  a core     best ${Math.max(...rates.core).toFixed(0)} MB/s of processor time`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
