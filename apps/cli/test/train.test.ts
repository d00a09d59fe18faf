import { readdir, readFile, truncate, stat, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  disposeTrainingState,
  loadCheckpoint,
  loadGenerator,
  type TrainingState,
  type Weights,
} from '@pggan/model';
import { TFRecordExporter } from '@pggan/dataset';
import { startEngine } from '@pggan/engine';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere, start, temporaryFolder, writeDiscs, type Output } from './support.js';

// The smallest networks that have every part; plain JavaScript runs them anywhere, bit for bit the same.
const small = ['--backend', 'cpu', '--fmap-base', '32', '--fmap-max', '4', '--minibatch', '4', '--seed', '5'];
const lengths = ['--lod-training-kimg', '0.032', '--lod-transition-kimg', '0.032', '--tick-kimg', '0.032'];
const total = '0.192';

let root: string;
let data: string;
beforeAll(async () => {
  root = await temporaryFolder();
  data = join(root, 'discs');
  await writeDiscs(data, 8, 24);
});

describe('pggan train', () => {
  let straight: Output;
  let runs: string;
  beforeAll(async () => {
    runs = join(root, 'straight');
    straight = await runHere(
      'train',
      '--data',
      data,
      '--runs',
      runs,
      ...small,
      ...lengths,
      '--kimg',
      total,
      '--json',
    );
  });

  it('trains from 4x4 up into a numbered run folder', async () => {
    expect(straight).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('training to 8x8: 0.192 kimg in 3 phases'),
    });
    expect(await readdir(runs)).toEqual(['00000-discs-8x8']);
    const run = join(runs, '00000-discs-8x8');
    expect(await readdir(run)).toEqual([
      '_training-done.txt',
      'config.json',
      ...[0, 32, 64, 96, 128, 160, 192].map((n) => `fakes000000.${String(n).padStart(3, '0')}.png`),
      'log.txt',
      'measures.json',
      'network-final.safetensors',
      'network-snapshot-000000.128.safetensors',
      'network-snapshot-000000.192.safetensors',
      'reals.png',
      'stats.jsonl',
    ]);
    expect(await sharp(join(run, 'reals.png')).metadata()).toMatchObject({
      width: 80,
      height: 48,
      channels: 3,
    });
    const log = (await readFile(join(run, 'log.txt'), 'utf8')).trim().split('\n');
    expect(log[2]).toMatch(
      /^tick 2 {5}kimg 0\.1 {6}lod 0\.50 {2}minibatch 4 {4}time \S+ +sec\/tick \d+\.\d +sec\/kimg \d+\.\d\d +maintenance \d+\.\d$/,
    );
    const stats = (await readFile(join(run, 'stats.jsonl'), 'utf8')).trim().split('\n');
    expect(stats.map((line) => JSON.parse(line).images)).toEqual([32, 64, 96, 128, 160, 192]);
    const { origin } = await loadGenerator(join(run, 'network-final.safetensors'));
    expect(origin['pggan']).toMatch(/^\d+\.\d+\.\d+/);
    expect(JSON.parse(origin['dataset'] as string)).toMatchObject({ name: 'discs', width: 8, count: 24 });
  });

  it('prints the result as JSON on standard output alone, and what to do next on standard error', () => {
    const run = join(runs, '00000-discs-8x8');
    expect(JSON.parse(straight.stdout)).toMatchObject({
      finished: true,
      images: 192,
      samples: join(run, 'fakes000000.192.png'),
      checkpoint: join(run, 'network-final.safetensors'),
    });
    expect(straight.stderr).toContain(`pggan generate ${run} --seeds 1-16`);
    // No terminal: plain lines, nothing animated.
    expect(straight.stderr).not.toContain('\u001b');
    expect(straight.stderr).toMatch(/^train: 0\.0 of 0\.2 kimg, 4x4, lod 1\.00, [\d.]+ img\/s, \S.* left$/m);
  });

  it('stopped by Ctrl-C leaves a snapshot, and resumed ends with the very same networks', async () => {
    const elsewhere = join(root, 'interrupted');
    const first = start('train', '--data', data, '--runs', elsewhere, ...small, ...lengths, '--kimg', total);
    await first.saw('\ntrain: ');
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect(stderr).toContain('stopping after the current step');
    const run = join(elsewhere, '00000-discs-8x8');
    expect(stderr).toContain(`pggan train --resume ${run}`);
    expect(code).toBe(130);
    const checkpoints = (await readdir(run)).filter((name) => name.endsWith('.safetensors'));
    expect(checkpoints).toHaveLength(1);
    expect(await readdir(run)).not.toContain('_training-done.txt');

    const second = await runHere('train', '--resume', '--runs', elsewhere);
    expect(second).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`continuing ${join(run, checkpoints[0]!)} at 0.`),
    });
    expect(await readdir(elsewhere)).toEqual(['00000-discs-8x8']);
    await startEngine({ backend: 'cpu' });
    const [a, b] = await Promise.all(
      [runs, elsewhere].map((folder) =>
        loadCheckpoint(join(folder, '00000-discs-8x8', 'network-final.safetensors')),
      ),
    );
    expect(everything(b!)).toEqual(everything(a!));
    [a, b].forEach((state) => disposeTrainingState(state!));
    const straightRun = join(runs, '00000-discs-8x8');
    for (const name of await readdir(straightRun)) {
      const files = await Promise.all([straightRun, run].map((folder) => readFile(join(folder, name))));
      if (name.endsWith('.png')) expect(files[1]!.equals(files[0]!), name).toBe(true);
      if (name === 'stats.jsonl') expect(withoutTimes(files[1]!)).toEqual(withoutTimes(files[0]!));
    }
  });

  it('goes on from an older checkpoint in a folder of its own', async () => {
    const from = join(runs, '00000-discs-8x8', 'network-snapshot-000000.128.safetensors');
    const branch = await runHere('train', '--resume', from, '--runs', runs, '--kimg', '0.144');
    expect(branch.code).toBe(0);
    const config = JSON.parse(await readFile(join(runs, '00001-discs-8x8', 'config.json'), 'utf8'));
    expect(config).toMatchObject({ branchedFrom: from, training: { totalKimg: 0.144 } });
  });

  it('refuses what it cannot continue, and says what to do', async () => {
    const other = join(root, 'other');
    await writeDiscs(other, 8, 30);
    const resume = ['train', '--runs', runs, '--resume', '0'];
    const cases: [string[], string][] = [
      [[...resume, '--data', other], 'count: the run has 24, the dataset 30'],
      [
        [...resume, '--resolution', '4'],
        'network.resolution  8    4    refused: the networks of the run are made so',
      ],
      [resume, 'has already reached 0.192 of 0.192 kimg; train on with a higher --kimg'],
    ];
    for (const [argv, message] of cases) {
      const { code, stderr } = await runHere(...argv);
      expect(stderr).toContain(message);
      expect(code).toBe(1);
    }
  });

  it('names the bytes missing from a checkpoint that was cut, and the one before it', async () => {
    const run = join(root, 'cut', '00000-discs-8x8');
    await mkdir(run, { recursive: true });
    for (const name of [
      'config.json',
      'network-snapshot-000000.128.safetensors',
      'network-snapshot-000000.192.safetensors',
    ]) {
      await copyFile(join(runs, '00000-discs-8x8', name), join(run, name));
    }
    const newest = join(run, 'network-snapshot-000000.192.safetensors');
    const { size } = await stat(newest);
    await truncate(newest, Math.floor(size * 0.75));
    const { code, stderr } = await runHere('train', '--resume', run, '--kimg', '0.3');
    expect(code).toBe(1);
    expect(stderr).toContain(newest);
    expect(stderr).toContain(String(size));
    expect(stderr).toContain(String(Math.floor(size * 0.75)));
    expect(stderr).toContain(`--resume ${join(run, 'network-snapshot-000000.128.safetensors')}`);
  });

  it('makes pictures, each seed the same whatever its neighbours', async () => {
    const model = join(runs, '00000-discs-8x8');
    const [a, b] = [join(root, 'a'), join(root, 'b')];
    const { code, stdout } = await runHere(
      'generate',
      model,
      '--seeds',
      '3-5',
      '--out',
      a,
      '--backend',
      'cpu',
      '--json',
    );
    expect({ code, names: (await readdir(a)).sort() }).toEqual({
      code: 0,
      names: ['grid.png', 'seed0003.png', 'seed0004.png', 'seed0005.png'],
    });
    expect(JSON.parse(stdout)).toMatchObject({ model: join(model, 'network-final.safetensors') });
    await runHere('generate', model, '--seeds', '4', '--out', b, '--backend', 'cpu');
    const pixels = (folder: string) => sharp(join(folder, 'seed0004.png')).raw().toBuffer();
    expect(await pixels(b)).toEqual(await pixels(a));
  });

  const film = (out: string) => [
    ...['interpolate', join(runs, '00000-discs-8x8'), '--out', out, '--backend', 'cpu'],
    ...['--seconds', '0.5', '--fps', '8', '--smoothing', '0.1', '--grid', '2x1', '--json'],
  ];

  it('makes an animated WebP that lasts as long as was asked, and an MP4 or says why not', async () => {
    const out = join(root, 'film');
    const { code, stdout, stderr } = await runHere(...film(out));
    expect(code).toBe(0);
    const { webp, mp4 } = JSON.parse(stdout) as { webp: string; mp4: string | null };
    const meta = await sharp(webp, { animated: true }).metadata();
    expect(meta).toMatchObject({ format: 'webp', pages: 4, width: 16, pageHeight: 8, loop: 0 });
    expect(meta.delay!.reduce((sum, delay) => sum + delay, 0)).toBe(500);
    const frames = await sharp(webp, { animated: true }).raw().toBuffer();
    const frame = frames.length / 4;
    expect(frames.subarray(0, frame).equals(frames.subarray(frame, 2 * frame))).toBe(false);
    if (mp4 === null) expect(stderr).toContain('no MP4: there is no ffmpeg on this machine');
    else expect((await stat(mp4)).size).toBeGreaterThan(0);
    expect((await readdir(out)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('refuses a film that does not fit the memory, and says what to lower', async () => {
    const { code, stderr } = await runHere(...film(join(root, 'long')), '--seconds', '1e7');
    expect(code).toBe(2);
    expect(stderr).toContain('lower --seconds, --fps or --grid');
  });
});

describe('pggan train on gray images that are not square, with labels', () => {
  it('trains the labels that were asked for, and generate takes them', async () => {
    const folder = join(root, 'bars');
    const exporter = await TFRecordExporter.create(folder, {
      size: { width: 8, height: 6 },
      channels: 1,
      name: 'bars',
    });
    for (let i = 0; i < 12; i++) {
      await exporter.add(Uint8Array.from({ length: 48 }, (_, p) => (p % 8 < 2 + (i % 3) ? 40 + 15 * i : 0)));
    }
    const labels = Float32Array.from({ length: 36 }, (_, p) => (Math.floor(p / 3) % 3 === p % 3 ? 1 : 0));
    await exporter.addLabels(labels, 3);
    await exporter.finish();

    const runs = join(root, 'labelled');
    const where = ['--data', folder, '--runs', runs];
    const trained = await runHere(
      'train',
      ...where,
      '--labels',
      'all',
      ...small,
      ...lengths,
      '--kimg',
      '0.064',
    );
    expect(trained.stderr).toContain('12 gray images of 8x6');
    expect(trained.stderr).toContain('training to 8x6');
    expect(trained.code).toBe(0);
    const run = join(runs, '00000-bars-8x6');
    expect(await sharp(join(run, 'reals.png')).metadata()).toMatchObject({
      width: 80,
      height: 36,
      channels: 1,
    });
    const { training } = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
    expect(training.network).toMatchObject({ labelSize: 3, baseWidth: 4, baseHeight: 3, numChannels: 1 });

    const resumed = await runHere(
      'train',
      '--runs',
      runs,
      '--data',
      folder,
      '--resume',
      '0',
      '--kimg',
      '0.096',
    );
    expect(resumed.code).toBe(0);

    const made = async (out: string, ...options: string[]) => {
      const outcome = await runHere(
        'generate',
        run,
        '--out',
        join(root, out),
        '--backend',
        'cpu',
        ...options,
      );
      return { ...outcome, file: join(root, out, 'seed0002.png') };
    };
    const inTurn = await made('turns', '--seeds', '1-3');
    expect(inTurn.stderr).toContain('3 pictures of 8x6');
    const second = await made('second', '--seeds', '2', '--label', '0,1,0');
    expect(await readFile(second.file)).toEqual(await readFile(inTurn.file));
    const wrong = await made('wrong', '--seeds', '2', '--label', '0,1');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('expected 3 numbers, got 2') });
  });
});

describe('pggan train with nothing to train on', () => {
  it('says how to make a dataset', async () => {
    const { code, stderr } = await runHere('train', '--data', join(root, 'nowhere'));
    expect(code).toBe(1);
    expect(stderr).toContain('npx nx run prep:build-dataset');
  });

  it('says how to make a larger one', async () => {
    const { code, stderr } = await runHere(
      'train',
      '--data',
      data,
      '--runs',
      join(root, 'x'),
      '--resolution',
      '16',
      '--backend',
      'cpu',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('--resolution 16: the images of');
  });

  it('refuses a run folder it cannot write to', async () => {
    const { code, stderr } = await runHere('train', '--data', data, '--runs', join(data, 'index.json'));
    expect(code).toBe(1);
    expect(stderr).toContain('choose another with --runs');
  });
});

describe('pggan doctor', () => {
  it('prints JSON that says what this machine has', async () => {
    const { code, stdout } = await runHere('doctor', '--backend', 'wasm', '--json');
    expect(code).toBe(0);
    const { engine, machine, speed } = JSON.parse(stdout);
    expect(engine).toMatchObject({ backend: 'wasm', reason: expect.any(String) });
    expect(machine).toMatchObject({
      node: process.version,
      backends: expect.arrayContaining(['wasm', 'cpu']),
    });
    expect(speed.forward).toBeGreaterThan(0);
  });
});

/** Every number of a training state that later steps depend on, by name. */
function everything(state: TrainingState) {
  const numbers = (weights: Weights) =>
    Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  return {
    G: numbers(state.G),
    D: numbers(state.D),
    Gs: numbers(state.Gs),
    adamG: { m: numbers(state.adamG.m), v: numbers(state.adamG.v) },
    adamD: { m: numbers(state.adamD.m), v: numbers(state.adamD.v) },
    images: state.progress.nimg,
    random: Object.values(state.random).map((stream) => stream.state()),
    reader: state.reader,
  };
}

/** The rows of a stats.jsonl without what the clock says. */
function withoutTimes(stats: Buffer): unknown[] {
  return stats
    .toString()
    .trim()
    .split('\n')
    .map((line) => {
      const row = Object.entries(JSON.parse(line) as Record<string, number>);
      return Object.fromEntries(row.filter(([name]) => !name.startsWith('Timing/')));
    });
}
