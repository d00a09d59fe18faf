/**
 * Shuffled, parsed minibatches of 64 images of 64×64 in colour: our reader against tf.data (parse in parallel, a shuffle
 * buffer of the whole set, prefetch) on the same file, by turns, after one warm epoch each: record by record, and with all
 * parsed images kept in memory (tf.data's cache).
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/read.mts [images] [rounds]
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TFRecordDataset, TFRecordExporter } from '@pggan/dataset';
import { machine } from './measure.mjs';
import { peerPython } from './python.mjs';

const side = 64;
const batch = 64;
const [count, rounds] = [Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 3)];
const peer = join(import.meta.dirname, 'peers/tf_data.py');
const python = peerPython();
const level = Math.log2(side);
const megabytes = (Math.floor(count / batch) * batch * 3 * side * side) / 1e6;

const folder = await mkdtemp(join(tmpdir(), 'pggan-read-'));
try {
  const directory = join(folder, 'set');
  const exporter = await TFRecordExporter.create(directory, { size: side, channels: 3 });
  const noise = Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * 31) % 251);
  for (let i = 0; i < count; i++) {
    noise[i % noise.length] = i % 256;
    await exporter.add(noise);
  }
  await exporter.finish();
  const dataset = await TFRecordDataset.open(directory);
  const file = dataset.levels.get(level)!.shards[0]!.path;

  /** Seconds of the second of two epochs. */
  const ours = async (memoryLimit: number) => {
    const reader = dataset.reader({ seed: 1, memoryLimit });
    let seconds = 0;
    for (let epoch = 0; epoch < 2; epoch++) {
      const start = performance.now();
      for (let i = 0; i + batch <= count; i += batch) await reader.next(level, batch);
      seconds = (performance.now() - start) / 1000;
    }
    await reader.close();
    return seconds;
  };
  const theirs = (how: 'epochs' | 'cached') => {
    const argv = [peer, how, file, String(batch), '2'];
    const lines = execFileSync(python, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(lines.trim().split('\n').at(-1));
  };

  console.log(machine());
  const best = { ours: Infinity, records: Infinity, theirs: Infinity, cached: Infinity };
  for (let round = 0; round < rounds; round++) {
    best.ours = Math.min(best.ours, await ours(Infinity));
    best.records = Math.min(best.records, await ours(0));
    best.theirs = Math.min(best.theirs, theirs('epochs'));
    best.cached = Math.min(best.cached, theirs('cached'));
  }
  const rate = (seconds: number) => `${(megabytes / seconds).toFixed(0)} MB/s of pixels`;
  const line = (what: string, ours: number, their: number) =>
    console.log(`${what}  ours ${rate(ours)}, tf.data ${rate(their)}: ${(their / ours).toFixed(1)}x`);
  line('record by record', best.records, best.theirs);
  line('kept in memory  ', best.ours, best.cached);
} finally {
  await rm(folder, { recursive: true, force: true });
}
