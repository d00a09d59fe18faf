/**
 * The metrics beside NumPy and SciPy on the same inputs and cores, in processes of their own, in turns:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/metrics.mts swd [images] [side]
 *     … metrics.mts msssim [pairs] [side]
 *     … metrics.mts frechet [dimension]
 *
 * Defaults: 1024 images of 128, 200 pairs of 128, 512 features. The numbers are 16384 images, 1000 pairs and 2048
 * features. `RUNS` (default 2) of each. Times, of the clock and of all threads, are without the start of the processes;
 * memory is their peak. A load average above what the bench itself makes says that the clock's times tell little.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomState } from '@pggan/random';
import {
  describeImages,
  featureStatistics,
  frechetDistance,
  msSsim,
  officialMinibatch,
  slicedWasserstein,
  type ImageBatch,
} from '../../libs/metrics/src/index.js';
import { machine, median, reportSeconds } from './measure.mjs';
import { peerPython } from './python.mjs';

interface Outcome {
  readonly seconds: number;
  readonly processor: number; // seconds of all threads
  readonly peak: number; // MiB
  readonly values: readonly number[];
}

/** Waves with a few edges and noise: what matters for the time is only that nothing is constant. */
function writeImages(path: string, count: number, side: number, seed: number): void {
  const random = new RandomState(seed);
  const file = openSync(path, 'w');
  const image = new Uint8Array(3 * side * side);
  const beyond = 2 ** Math.ceil(Math.log2(side)); // x ^ y is below it
  const sines = (length: number, rate: number, phase: number) =>
    Float64Array.from({ length }, (_, at) => 45 * Math.sin(rate * at + phase));
  for (let i = 0; i < count; i++) {
    const rates = Array.from({ length: 9 }, () => random.uniform() * 0.4);
    for (let channel = 0; channel < 3; channel++) {
      const across = sines(side, rates[channel]!, 0);
      const down = sines(side, rates[3 + channel]!, i);
      const edges = sines(beyond, rates[6 + channel]!, i);
      for (let y = 0, at = channel * side * side; y < side; y++)
        for (let x = 0; x < side; x++, at++)
          image[at] = 110 + (across[x]! + down[y]! + edges[x ^ y]!) / 2 + (random.uint32() & 15);
    }
    writeSync(file, image);
  }
  closeSync(file);
}

function* imagesOf(path: string, count: number, side: number): Generator<ImageBatch> {
  const file = openSync(path, 'r');
  const minibatch = officialMinibatch(side);
  for (let first = 0; first < count; first += minibatch) {
    const data = new Uint8Array(Math.min(minibatch, count - first) * 3 * side * side);
    readSync(file, data);
    yield { data, channels: 3, width: side, height: side };
  }
  closeSync(file);
}

/** The measured part, in a process of its own. */
const measured: Record<string, (...of: string[]) => Promise<readonly number[]>> = {
  async swd(reals, fakes, count, side) {
    const random = new RandomState(0);
    const described = (path: string) =>
      describeImages(imagesOf(path, Number(count), Number(side)), { random });
    const a = await described(reals!);
    const b = await described(fakes!);
    const { levels } = await slicedWasserstein(a, b, { random });
    return levels.map(({ value }) => value);
  },
  async msssim(path, count, side) {
    const { mean } = await msSsim(imagesOf(path!, Number(count), Number(side)));
    return [mean];
  },
  async frechet(path, text) {
    const dimension = Number(text);
    const { buffer } = new Uint8Array(await readFile(path!));
    const part = dimension * (dimension + 1);
    const [one, other] = [0, 1].map((side) => {
      const mean = new Float64Array(buffer, side * part * 8, dimension);
      const covariance = new Float64Array(buffer, (side * part + dimension) * 8, dimension * dimension);
      return { count: 4 * dimension, mean, covariance };
    });
    return [frechetDistance(one!, other!)];
  },
};

/** Covariances of rank 2 dimension / 3 and full, with eigenvalues that fall as those of Inception features do. */
function writeStatistics(path: string, dimension: number): void {
  const random = new RandomState(1);
  const parts = [0, 1].flatMap((side) => {
    const rows = side === 0 ? Math.floor((2 * dimension) / 3) : 2 * dimension;
    const data = Float64Array.from(
      { length: rows * dimension },
      (_, at) => side * 0.1 + random.normal() / Math.sqrt(1 + (at % dimension)),
    );
    const { mean, covariance } = featureStatistics({ dimension, data });
    return [mean, covariance];
  });
  writeFileSync(path, Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer))));
}

function outcome(command: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Outcome;
}

function compare(metric: string, args: readonly string[]): void {
  const ours: Outcome[] = [];
  const theirs: Outcome[] = [];
  const python = peerPython();
  const peer = join(import.meta.dirname, 'peers/metrics.py');
  for (let run = 0; run < Number(process.env['RUNS'] ?? 2); run++) {
    const self = [...process.execArgv, fileURLToPath(import.meta.url), 'measured', metric, ...args];
    ours.push(outcome(process.execPath, self));
    theirs.push(outcome(python, [peer, metric, ...args]));
  }
  const seconds = (list: readonly Outcome[]) => list.map((one) => one.seconds);
  reportSeconds(seconds(ours), seconds(theirs), 'peer');
  const processor = (list: readonly Outcome[]) => `${median(list.map((one) => one.processor)).toFixed(2)} s`;
  console.log(`  processor  ours ${processor(ours)}, peer ${processor(theirs)}`);
  const memory = (list: readonly Outcome[]) => `${median(list.map(({ peak }) => peak)).toFixed(0)} MiB`;
  console.log(`  memory     ours ${memory(ours)}, peer ${memory(theirs)}`);
  const values = (list: readonly Outcome[]) => list[0]!.values.map((value) => value.toFixed(5)).join(' ');
  console.log(`  values     ours ${values(ours)}\n             peer ${values(theirs)}`);
}

const [metric = '', ...rest] = process.argv.slice(2);
if (metric === 'measured') {
  const [name, ...args] = rest;
  const start = performance.now();
  const used = process.cpuUsage();
  const values = await measured[name!]!(...args);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, processor: (user + system) / 1e6, peak, values }));
} else {
  if (!(metric in measured)) throw new Error('expected swd, msssim or frechet');
  const folder = mkdtempSync(join(tmpdir(), 'pggan-bench-metrics-'));
  try {
    const before = loadavg()[0]!.toFixed(1);
    console.log(machine());
    const file = (name: string) => join(folder, name);
    if (metric === 'swd') {
      const [count = '1024', side = '128'] = rest;
      console.log(`sliced Wasserstein distance, ${count} + ${count} images of ${side}x${side}`);
      writeImages(file('reals'), Number(count), Number(side), 1);
      writeImages(file('fakes'), Number(count), Number(side), 2);
      compare(metric, [file('reals'), file('fakes'), count, side]);
    } else if (metric === 'msssim') {
      const [pairs = '200', side = '128'] = rest;
      console.log(`MS-SSIM, ${pairs} pairs of ${side}x${side}`);
      writeImages(file('images'), 2 * Number(pairs), Number(side), 1);
      compare(metric, [file('images'), String(2 * Number(pairs)), side]);
    } else {
      const [dimension = '512'] = rest;
      console.log(`Fréchet distance of ${dimension} features`);
      writeStatistics(file('statistics'), Number(dimension));
      compare(metric, [file('statistics'), dimension]);
    }
    console.log(`  load       ${before} before, ${loadavg()[0]!.toFixed(1)} after (means of a minute)`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
