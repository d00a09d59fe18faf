/**
 * Building a 256×256 dataset from JPEG pictures: `prep build-dataset` against a Pillow, NumPy and TensorFlow script of as
 * many processes as cores (peers/build.py). Both decode, take the centred square, resample with Lanczos and write all
 * levels as TFRecord files; ours also checks for duplicates, scores, keeps a manifest, and hashes and syncs what it writes.
 *
 *     npx nx run prep:build && node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/build.mts [pictures] [rounds] [width]
 *
 * Time is that of the whole process, start included, in turns. Every pixel of every level must be equal.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { TFRecordDataset } from '@pggan/dataset';
import { machine, reportSeconds } from './measure.mjs';
import { makePictures } from './pictures.mjs';
import { peerPython } from './python.mjs';

const side = 256;
const [count, rounds, width] = [2000, 3, 1024].map((usual, i) => Number(process.argv[i + 2] ?? usual)) as [
  number,
  number,
  number,
];
const prep = join(import.meta.dirname, '../../apps/prep/dist/main.js');

function time(command: string, args: readonly string[]): number {
  const start = performance.now();
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return (performance.now() - start) / 1000;
}

/** Pixels that differ, by level. */
async function compare(ours: string, theirs: string): Promise<Map<number, number>> {
  const readers = await Promise.all(
    [ours, theirs].map(async (folder) =>
      (await TFRecordDataset.open(folder)).reader({ shuffle: false, memoryLimit: 0 }),
    ),
  );
  const [a, b] = readers as [(typeof readers)[0], (typeof readers)[0]];
  const different = new Map<number, number>();
  for (let level = Math.log2(side); level >= 2; level--) {
    let pixels = 0;
    for (let i = 0; i < count; i++) {
      const [x, y] = await Promise.all([a.next(level, 1), b.next(level, 1)]);
      if (Buffer.compare(x, y) !== 0)
        pixels += x.reduce((sum, value, at) => sum + Number(value !== y[at]), 0);
    }
    different.set(level, pixels);
  }
  await Promise.all(readers.map((reader) => reader.close()));
  return different;
}

if (!existsSync(prep)) throw new Error(`${prep} is missing: npx nx run prep:build`);
const python = peerPython();
const folder = await mkdtemp(join(tmpdir(), 'pggan-bench-'));
try {
  const source = join(folder, 'pictures');
  const bytes = await makePictures(source, count, 1, width);
  // Both find the files in memory.
  for (const name of await readdir(source)) await readFile(join(source, name));
  console.log(machine());
  console.log(
    execFileSync(python, [
      '-c',
      'import os; os.environ["TF_CPP_MIN_LOG_LEVEL"]="3"\n' +
        'import platform, numpy, PIL, tensorflow as tf\n' +
        'print("Python", platform.python_version(), "NumPy", numpy.__version__, "Pillow", PIL.__version__, "TensorFlow", tf.__version__)',
    ])
      .toString()
      .trim(),
  );
  console.log(
    `${count} pictures of about ${width}x${Math.round(width * 0.75)}, ${(bytes / count / 1000).toFixed(0)} kB each, to ${side}x${side}`,
  );
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
  const [ourSeconds, theirSeconds]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    await rm(theirs, { recursive: true, force: true });
    theirSeconds.push(
      time(python, [
        join(import.meta.dirname, 'peers/build.py'),
        source,
        theirs,
        String(side),
        String(availableParallelism()),
      ]),
    );
    await rm(ours, { recursive: true, force: true });
    ourSeconds.push(
      time(process.execPath, [
        prep,
        'build-dataset',
        ...[
          '--source',
          source,
          '--out',
          ours,
          '--resolution',
          String(side),
          '--align',
          'none',
          '--no-shuffle',
        ],
      ]),
    );
  }
  reportSeconds(ourSeconds, theirSeconds, 'Pillow+TF');
  let wrong = 0;
  for (const [level, pixels] of await compare(ours, theirs)) {
    console.log(`  ${2 ** level}x${2 ** level}: ${pixels} of ${count * 3 * 4 ** level} samples differ`);
    wrong += pixels;
  }
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
