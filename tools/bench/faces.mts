/**
 * Photographs per second from files to a dataset of aligned faces of 1024×1024: `prep build-dataset` in both modes of the
 * alignment against a MediaPipe, Pillow, SciPy and TensorFlow script (peers/faces.py), each with as many processes or
 * threads as cores, on photographs of PGGAN_TEST_DATA with their own detection of the largest face:
 *
 *     npx nx run prep:build && node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/faces.mts [pictures] [rounds]
 *
 * Time is that of the whole process, start and models included, in turns; processor time is that of all its threads and
 * children. Ours also scores, hashes, checks for duplicates and keeps a manifest. Printed as well: how far the five points
 * are apart, and PSNR of our pixels to theirs, of all portraits with each one's own points, and of some with ours for both.
 * Exit code 1 when those are not above 40 dB.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { TFRecordDataset } from '@pggan/dataset';
import { machine, median, psnr } from './measure.mjs';
import { choosePhotographs, data } from './photographs.mjs';
import { peerPython } from './python.mjs';

const side = 1024;
const limit = 40;
/** Portraits that are made a second time with our points. */
const few = 12;
const [count, rounds] = [Number(process.argv[2] ?? 100), Number(process.argv[3] ?? 1)];
const modes = ['reference', 'fast'] as const;
const model = process.env['PGGAN_FACE_MODEL'] ?? join(data, 'models/face_landmarker/face_landmarker.task');
const prep = join(import.meta.dirname, '../../apps/prep/dist/main.js');
const script = join(import.meta.dirname, 'peers/faces.py');

interface Timing {
  readonly seconds: number;
  readonly processor: number; // seconds of all threads and children
}

/** Python tells what children used; Node does not. */
const stopwatch = `
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'seconds': time.perf_counter() - start, 'processor': used.ru_utime + used.ru_stime}))
`;

function time(python: string, command: readonly string[]): Timing {
  return JSON.parse(execFileSync(python, ['-c', stopwatch, ...command]).toString()) as Timing;
}

interface Face {
  readonly record: number;
  readonly points: readonly number[];
}

const linesOf = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** By the name of the picture. */
async function ourFaces(folder: string): Promise<Map<string, Face>> {
  const lines = (await linesOf(join(folder, 'manifest.jsonl'))) as {
    path: string;
    record: number | null;
    landmarks: number[];
  }[];
  return new Map(
    lines.flatMap(({ path, record, landmarks }) =>
      record === null ? [] : [[path, { record, points: landmarks }] as const],
    ),
  );
}

async function theirFaces(folder: string): Promise<Map<string, Face>> {
  const lines = (await linesOf(join(folder, 'names.jsonl'))) as { name: string; points: number[] }[];
  return new Map(lines.map(({ name, points }, record) => [name, { record, points }]));
}

/** PSNR by name, of the pictures that both have. */
async function compare(ours: string, theirs: string): Promise<Map<string, number>> {
  const [a, b] = [await ourFaces(ours), await theirFaces(theirs)];
  const [first, second] = [await TFRecordDataset.open(ours), await TFRecordDataset.open(theirs)];
  const decibels = new Map<string, number>();
  for (const [name, { record }] of a) {
    const other = b.get(name);
    if (!other) continue;
    const level = Math.log2(side);
    const [x, y] = [await first.images(level, [record]), await second.images(level, [other.record])];
    decibels.set(name, psnr(x, y));
  }
  return decibels;
}

/** Largest distance of a point to that of the other, in shares of the eye distance. */
function apart(a: readonly number[], b: readonly number[]): number {
  const distances = [0, 2, 4, 6, 8].map((i) => Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!));
  return Math.max(...distances) / Math.hypot(a[2]! - a[0]!, a[3]! - a[1]!);
}

function build(source: string, out: string, mode: (typeof modes)[number]): string[] {
  const all = '--min-face 0 --max-pad 1 --enlarge-limit 100000 --min-sharpness 0 --faces largest';
  return [
    ...[process.execPath, prep, 'build-dataset', '--source', source, '--out', out],
    ...['--resolution', String(side), '--align-mode', mode, '--no-shuffle', ...all.split(' ')],
    ...['--workers', String(availableParallelism()), '--face-model', model],
  ];
}

const peer = (python: string, source: string, out: string, ...more: string[]) => [
  ...[python, script, source, out, String(side), String(availableParallelism()), model, ...more],
];

const spread = (values: readonly number[]) =>
  `worst ${Math.min(...values).toFixed(1)}, median ${median(values).toFixed(1)} dB`;

if (!existsSync(prep)) throw new Error(`${prep} is missing: npx nx run prep:build`);
const python = peerPython();
const folder = await mkdtemp(join(tmpdir(), 'pggan-bench-'));
try {
  const [source, some] = [join(folder, 'photographs'), join(folder, 'some')];
  await mkdir(source);
  await mkdir(some);
  for (const [i, { file }] of choosePhotographs(count).entries())
    await copyFile(join(data, file), join(source, `${String(i).padStart(5, '0')}${extname(file)}`));
  console.log(machine());
  const versions =
    'import os; os.environ["TF_CPP_MIN_LOG_LEVEL"]="3"\n' +
    'import platform, mediapipe, numpy, scipy, PIL, tensorflow as tf\n' +
    'print("Python", platform.python_version(), "MediaPipe", mediapipe.__version__, "NumPy", numpy.__version__, "SciPy", ' +
    'scipy.__version__, "Pillow", PIL.__version__, "TensorFlow", tf.__version__)';
  console.log(
    execFileSync(python, ['-c', versions], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim(),
  );
  const out = (name: string) => join(folder, name);
  const timings: Record<string, Timing[]> = { reference: [], fast: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of ['reference', 'fast', 'peer'] as const) {
      await rm(out(name), { recursive: true, force: true });
      const command = name === 'peer' ? peer(python, source, out(name)) : build(source, out(name), name);
      timings[name]!.push(time(python, command));
    }
  }
  const theirs = await theirFaces(out('peer'));
  const ours = await ourFaces(out('fast'));
  console.log(`${count} photographs to ${side}x${side}; faces: ours ${ours.size}, theirs ${theirs.size}`);
  const least = (name: string, what: keyof Timing) => Math.min(...timings[name]!.map((each) => each[what]));
  for (const name of Object.keys(timings))
    console.log(
      `  ${name.padEnd(10)} ${(count / least(name, 'seconds')).toFixed(2)} photographs/s, ` +
        `${((1000 * least(name, 'processor')) / count).toFixed(0)} ms of processor time each; ` +
        `${(least('peer', 'seconds') / least(name, 'seconds')).toFixed(1)}x, ` +
        `${(least('peer', 'processor') / least(name, 'processor')).toFixed(1)}x in processor time`,
    );

  const distances = [...ours].flatMap(([name, { points }]) => {
    const other = theirs.get(name);
    return other ? [apart(other.points, points)] : [];
  });
  console.log(
    `points: median ${(100 * median(distances)).toFixed(2)} % of the eye distance apart, ` +
      `most ${(100 * Math.max(...distances)).toFixed(1)} %`,
  );
  for (const mode of modes)
    console.log(`own points, ${mode}: ${spread([...(await compare(out(mode), out('peer'))).values()])}`);

  const names = [...ours.keys()].filter((_, i, { length }) => i % Math.ceil(length / few) === 0);
  for (const name of names) await copyFile(join(source, name), join(some, name));
  const lines = names.map((name) => `${JSON.stringify({ name, points: ours.get(name)!.points })}\n`);
  await writeFile(out('points.jsonl'), lines.join(''));
  time(python, peer(python, some, out('same'), out('points.jsonl')));
  for (const mode of modes) {
    const decibels = [...(await compare(out(mode), out('same'))).values()];
    console.log(`our points, ${mode}: ${spread(decibels)} (${decibels.length} portraits)`);
    if (!(Math.min(...decibels) > limit)) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
