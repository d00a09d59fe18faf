/** pggan evaluate and pggan compare on a run, models and folders made here. */
import { appendFile, cp, mkdir, readdir, readFile, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TFRecordDataset, TFRecordExporter } from '@pggan/dataset';
import { startEngine, tf } from '@pggan/engine';
import { encodeOnnx, writeAtomic } from '@pggan/files';
import type { MetricRecord } from '@pggan/metrics';
import { disposeWeights, generatorVariables, networkConfigSchema, saveGenerator } from '@pggan/model';
import { RandomState } from '@pggan/random';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere, start, temporaryFolder, writeDiscs, type Output } from './support.js';

let root: string;
let data: string;
let run: string;

/** One evaluation that was never stopped, for all that look at such. */
const everything = ['--metrics', 'swd16,msssim16'];
let whole: string;
let said: Output;

const quick = ['--backend', 'cpu', '--workers', '0'];

beforeAll(async () => {
  root = await temporaryFolder();
  data = join(root, 'discs');
  await writeDiscs(data, 16, 64);
  const runs = join(root, 'runs');
  const { code, stderr } = await runHere(
    ...['train', '--data', data, '--runs', runs, '--backend', 'wasm', '--fmap-base', '32', '--fmap-max', '4'],
    ...['--minibatch', '4', '--kimg', '0.32', '--tick-kimg', '0.016', '--keep-snapshots', 'all', '--mirror'],
    ...['--lod-training-kimg', '0.064', '--lod-transition-kimg', '0.064'],
  );
  expect(stderr).toContain('run folder');
  expect(code).toBe(0);
  run = join(runs, '00000-discs-16x16');
  whole = await copyOfRun('whole');
  said = await evaluate(whole, ...everything);
});

/** A copy of the run, since evaluating writes into it. */
async function copyOfRun(name: string): Promise<string> {
  const folder = join(root, name);
  await cp(run, folder, { recursive: true });
  return folder;
}

async function evaluate(...argv: string[]) {
  const cache = argv.includes('--cache') ? [] : ['--no-cache'];
  return await runHere('evaluate', ...argv, ...quick, ...cache);
}

const parse = (lines: string) =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricRecord);

const snapshotsOf = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.startsWith('network-snapshot')).sort();

describe('pggan evaluate', () => {
  it('measures all snapshots of a run, newest first, after the reals, and writes the official table', async () => {
    const [folder, { code, stdout, stderr }] = [whole, said];
    expect(code).toBe(0);
    const names = await snapshotsOf(folder);
    expect(names.length).toBeGreaterThan(2);
    const kimg = names.map((name) => String(Number(/\d+\.\d+/.exec(name)![0]))).reverse();
    const rows = ['Reals', 'Reals2', ...kimg];
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^ +SWDx1e3_16 +SWDx1e3_avg +MS-SSIM$/);
    expect(lines.slice(1, rows.length + 1).map((line) => line.split(' ')[0])).toEqual(rows);
    expect(lines[1]).toMatch(/^Reals +0\.0000 ±0\.0000 +0\.0000 ±0\.0000 +0\.\d{4} ±0\.\d{4}$/);
    expect(stdout).toContain('± of swd16: standard error over 4 draws of 128 directions\n');
    expect(stderr).toMatch(/Reals: SWDx1e3_avg .* \(\S+\); \d+ left, up to /);
    const table = (await readFile(join(folder, 'metric-swd-16.txt'), 'utf8')).split('\n');
    expect(table.slice(1, 3)).toEqual([
      'Snapshot  Time_eval   SWDx1e3_16   SWDx1e3_avg  ',
      '---       ---         ---          ---          ',
    ]);
    expect(table.slice(3, -1).map((line) => line.split(' ')[0])).toEqual(rows);
    expect(await readdir(folder)).toContain('metric-msssim-16.txt');
  });

  it('goes on where it was stopped, and ends in the same records', async () => {
    const stopped = await copyOfRun('stopped');
    await evaluate(stopped, ...everything, '--snapshots', '1');
    await appendFile(join(stopped, 'metrics.jsonl'), '{"version":1,"metr');
    const { stderr } = await evaluate(stopped, ...everything);
    expect(stderr.match(/recorded before/g)).toHaveLength(3);
    const records = async (folder: string) =>
      parse(await readFile(join(folder, 'metrics.jsonl'), 'utf8')).map((record) => ({
        ...record,
        seconds: 0,
      }));
    expect(await records(stopped)).toEqual(await records(whole));
  });

  it('measures again what was measured in another way', async () => {
    const folder = await copyOfRun('other');
    const once = ['--metrics', 'msssim16', '--snapshots', '1'];
    await evaluate(folder, ...once);
    const seeded = await evaluate(folder, ...once, '--seed', '1');
    expect(seeded.stderr).not.toContain('recorded before');
    await evaluate(folder, ...once, '--no-mirror');
    // The reals are the same, however often models are asked for others.
    const repeated = await evaluate(folder, ...once, '--repeats', '2');
    expect(repeated.stderr.match(/recorded before/g)).toHaveLength(1);
    const values = parse(await readFile(join(folder, 'metrics.jsonl'), 'utf8'))
      .filter(({ subject, provenance }) => subject.kind === 'snapshot' && provenance.seed === 0)
      .map(({ values: [value] }) => value!);
    // Other latents at the second time: not the same twice.
    expect(values.at(-1)!.value).not.toBe(values[0]!.value);
    expect(values.at(-1)!.spread).toBeGreaterThan(1e-6);
    expect((await evaluate(folder, ...once)).stderr.match(/recorded before/g)).toHaveLength(3);
  });

  it('leaves the rows it has when it is stopped by Ctrl-C', async () => {
    const folder = await copyOfRun('interrupted');
    const program = start('evaluate', folder, '--metrics', 'swd1k', '--backend', 'cpu', '--no-cache');
    await program.saw('Reals: ');
    program.child.kill('SIGINT');
    const { code, stderr } = await program.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('stopped; the same command goes on after the rows above');
    const [first] = parse(await readFile(join(folder, 'metrics.jsonl'), 'utf8'));
    expect(first!.subject.kind).toBe('reals');
  });

  it('gives a model in a file the numbers of its snapshot, as lines of JSON where asked', async () => {
    const folder = await copyOfRun('model');
    const names = await snapshotsOf(folder);
    const { stdout } = await evaluate(join(folder, names.at(-1)!), '--metrics', 'swd16', '--json');
    const model = parse(stdout).at(-1)!;
    await evaluate(folder, '--metrics', 'swd16', '--snapshots', '1');
    const snapshot = parse(await readFile(join(folder, 'metrics.jsonl'), 'utf8')).at(-1)!;
    expect(model.values).toEqual(snapshot.values);
    expect(model.provenance).toEqual(snapshot.provenance);
    expect(model.subject).toMatchObject({ kind: 'generator', identity: snapshot.subject.identity });
    expect(snapshot.provenance.reals).toMatchObject({ name: 'discs', count: 64 });
    expect(snapshot.provenance.reals!.identity).toMatch(/^[0-9a-f]{64} mirrored$/);
  });

  it('compares folders of pictures, datasets, and one with the other', async () => {
    const dataset = await TFRecordDataset.open(data);
    const [reals, fakes] = [join(root, 'reals'), join(root, 'fakes')];
    await mkdir(reals);
    await mkdir(fakes);
    const pixels = await dataset.images(4, [...Array(64).keys()]);
    for (let i = 0; i < 64; i++) {
      const interleaved = Uint8Array.from(
        { length: 768 },
        (_, at) => pixels[i * 768 + (at % 3) * 256 + Math.floor(at / 3)]!,
      );
      const folder = i < 32 ? reals : fakes;
      const raw = { width: 16, height: 16, channels: 3 } as const;
      await sharp(interleaved, { raw })
        .png()
        .toFile(join(folder, `${String(i).padStart(2, '0')}.png`));
    }
    const folders = await evaluate(fakes, '--data', reals, '--json');
    expect(folders.code).toBe(0);
    const [self, other] = parse(folders.stdout);
    expect(self!.values.map(({ value }) => value)).toEqual([0, 0]);
    expect(other).toMatchObject({ metric: 'swd32', subject: { kind: 'folder' }, provenance: { images: 32 } });
    expect(other!.values[0]!.value).toBeGreaterThan(0);
    // The first 32 images of the dataset are those of the folder.
    const mixed = parse((await evaluate(fakes, '--data', data, '--metrics', 'swd32', '--json')).stdout);
    expect(mixed.map(({ subject }) => subject.kind)).toEqual(['reals', 'reals2', 'folder']);
    expect(mixed[2]!.values).toEqual(other!.values);
    const same = await evaluate(data, '--data', data, '--metrics', 'swd64,msssim64', '--json');
    expect(
      parse(same.stdout).find(({ subject }) => subject.kind === 'dataset')!.values[0]!.value,
    ).toBeGreaterThan(0);
    expect(folders.stderr).toContain('no row Reals2, which would say how far apart real images are');
    expect(folders.stderr).toContain('ask for at most swd16');
    expect(folders.stderr).not.toContain('the first');
    const half = await evaluate(fakes, '--data', data, '--metrics', 'swd16');
    expect(half.stderr).toContain(`swd16: the first 16 of 32 images of ${fakes}\n`);
    expect(half.stderr).toContain('swd16: the first 16 of 64 images of discs\n');
    const hopeless = await evaluate(fakes, '--data', data, '--metrics', 'swd32', '--repeats', '2');
    expect(hopeless).toMatchObject({ code: 1, stdout: '' });
    expect(hopeless.stderr).not.toContain('Reals');
    expect(hopeless.stderr).toContain('swd32 needs 64 images (2 times as many), the folder has 32');
    const alone = await evaluate(fakes, '--metrics', 'msssim');
    expect(alone.stdout).toMatch(/MS-SSIM\n.*0\.\d+ ±/);
  });

  it('takes other real images, gray ones as colour, and their labels in turn', async () => {
    const gray = join(root, 'gray');
    const exporter = await TFRecordExporter.create(gray, { size: 16, channels: 1, name: 'gray' });
    for (let i = 0; i < 16; i++)
      await exporter.add(Uint8Array.from({ length: 256 }, (_, at) => (at * (i + 3)) % 256));
    await exporter.finish();
    const others = await evaluate(
      await copyOfRun('data'),
      '--metrics',
      'swd16',
      '--data',
      gray,
      '--snapshots',
      '1',
      '--json',
    );
    expect(others.code, others.stderr).toBe(0);
    expect(parse(others.stdout).at(-1)!.provenance).toMatchObject({
      shape: '3x16x16',
      reals: { name: 'gray', identity: expect.stringMatching(/ mirrored in colour$/) as string },
    });

    const model = join(root, 'classes.safetensors');
    const config = networkConfigSchema.parse({ resolution: 16, fmapBase: 16, fmapMax: 2, labelSize: 2 });
    await startEngine({ backend: 'cpu' });
    const random = new RandomState(1);
    const weights = Object.fromEntries(
      generatorVariables(config).map(({ name, shape }) => {
        const normals = random.normals(shape.reduce((a, b) => a * b, 1)).map((value) => 3 * value);
        return [name, tf.tensor(normals, [...shape])];
      }),
    );
    await saveGenerator(model, { weights, config, lod: 0, kimg: null, origin: {} });
    disposeWeights(weights);
    const measured: MetricRecord[] = [];
    for (const labels of [
      [1, 0],
      [0, 1],
    ]) {
      const labelled = join(root, `labelled-${labels[0]}`);
      const writer = await TFRecordExporter.create(labelled, { size: 16, channels: 3, name: 'labelled' });
      for (let i = 0; i < 16; i++) await writer.add(new Uint8Array(768).map((_, at) => (at * (i + 3)) % 256));
      await writer.addLabels(
        Float32Array.from({ length: 32 }, (_, at) => labels[at % 2]!),
        2,
      );
      await writer.finish();
      const { code, stdout, stderr } = await evaluate(
        model,
        '--data',
        labelled,
        '--metrics',
        'msssim16',
        '--json',
      );
      expect(code, stderr).toBe(0);
      measured.push(parse(stdout).at(-1)!);
    }
    expect(measured[0]!.subject.identity).toMatch(/ with labels [0-9a-f]{16}$/);
    expect(measured[1]!.subject.identity).not.toBe(measured[0]!.subject.identity);
    expect(measured[1]!.values).not.toEqual(measured[0]!.values);
  });

  it('takes a network for features by its manifest', async () => {
    const manifest = join(root, 'means.json');
    await writeAtomic(
      join(root, 'means.onnx'),
      encodeOnnx({
        inputs: [{ name: 'picture', shape: ['n', 3, 16, 16] }],
        outputs: [{ name: 'means', shape: ['n', 3] }],
        operators: [
          {
            op: 'ReduceMean',
            inputs: ['picture'],
            outputs: ['means'],
            attributes: { axes: [2, 3], keepdims: 0 },
          },
        ],
      }),
    );
    await writeAtomic(
      manifest,
      JSON.stringify({
        format: 'pggan-extractor',
        version: 1,
        name: 'means',
        model: 'means.onnx',
        input: { layout: 'nchw', channels: 'rgb', range: [0, 255] },
        resizer: 'none',
        outputs: { features: 'means' },
      }),
    );
    const metrics = ['--metrics', 'fid64,kid64,pr64', '--extractor', manifest, '--snapshots', '1', '--json'];
    const { code, stdout, stderr } = await evaluate(await copyOfRun('features'), ...metrics);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const records = parse(stdout);
    expect(records.map(({ metric }) => metric)).toEqual(
      [...Array(3)].flatMap(() => ['fid64', 'kid64', 'pr64']),
    );
    expect(records[0]!.values[0]!.value).toBeLessThan(1e-6);
    expect(records[6]!.values[0]!.value).toBeGreaterThan(1);
    expect(records[6]!.provenance.extractor).toMatchObject({ name: 'means', resizer: 'none' });
  });

  it.each([
    [
      ['--metrics', 'swd16,fidd'],
      2,
      '--metrics: expected swd, msssim, fid, kid, is, pr, modes with a number of images',
    ],
    [['--metrics', 'fid64'], 1, 'fid64 needs a feature extractor (--extractor); "Bringing Inception"'],
    [['--metrics', 'fid64', '--extractor', 'nowhere.json'], 1, 'nowhere.json'],
    [
      ['--metrics', 'swd16', '--data', 'nowhere'],
      1,
      'nowhere: expected a folder of a dataset or of pictures',
    ],
    [['--repeats', '0'], 2, '--repeats: expected a whole number from 1 to 1000, got "0"'],
  ])('%s: %s, %s', async (argv, code, message) => {
    const result = await evaluate(run, ...argv);
    expect(result).toMatchObject({ code, stderr: expect.stringContaining(message) as string });
    expect(result.stderr).not.toContain('unexpected');
  });

  it('says what it found where there is nothing to measure', async () => {
    expect(await evaluate('nowhere/G.safetensors')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere/G.safetensors: there is no such file or folder') as string,
    });
    const folder = await copyOfRun('none');
    for (const name of await snapshotsOf(folder)) await unlink(join(folder, name));
    expect(await evaluate(folder)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds no snapshot yet') as string,
    });
    const few = join(root, 'few');
    await cp(join(root, 'reals'), few, { recursive: true });
    for (const name of (await readdir(few)).slice(3)) await rm(join(few, name));
    const refused = await evaluate(few, '--data', join(root, 'fakes'), '--metrics', 'swd16');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('swd16 needs 16 images, the folder has 3') as string,
    });
  });
});

describe('pggan compare', () => {
  it('sets numbers beside each other, and refuses those that are unlike', async () => {
    const [a, b] = [await copyOfRun('left'), await copyOfRun('right')];
    await evaluate(a, '--metrics', 'swd16', '--snapshots', '2');
    await evaluate(b, '--metrics', 'swd16', '--snapshots', '1', '--seed', '7');
    const { code, stdout } = await runHere('compare', a, b);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^swd16 .*0\.32 kimg.*0\.32 kimg +difference\nSWDx1e3_16 +\d+\.\d{4} ±\d+\.\d{4} +\d/,
    );
    expect(stdout).toContain('seed: 0 and 7\n');
    const newest = /_(avg) +(\S+)/.exec(stdout)![2];
    const earlier = (await snapshotsOf(a)).at(-2)!;
    const kimg = String(Number(/\d+\.\d+/.exec(earlier)![0]));
    const refused = await runHere('compare', a, b, '--kimg', kimg);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing to compare') as string,
    });
    expect(newest).toBeDefined();

    await evaluate(b, '--metrics', 'swd16', '--snapshots', '1', '--no-mirror');
    const unlike = await runHere('compare', a, b);
    expect(unlike.code).toBe(1);
    expect(unlike.stderr).toMatch(
      /are unlike numbers: reals\.identity \S+ mirrored \(discs\) and [0-9a-f]+ \(discs\)\n/,
    );
  });
});
