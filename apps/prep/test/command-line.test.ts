import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prep, prepHere } from './spawn.js';

const folder = mkdtempSync(join(tmpdir(), 'pggan-prep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Distinct files of one picture: decoders ignore what follows its end. */
async function photos(directory: string, picture: Buffer, count: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (let i = 0; i < count; i++)
    await writeFile(
      join(directory, `photo${String(i).padStart(3, '0')}.jpg`),
      Buffer.concat([picture, Buffer.of(i)]),
    );
}

const { default: sharp } = await import('sharp');
const pixels = Buffer.alloc(700 * 700 * 3).map((_, i) => (i * 2654435761) >>> 24);
const large = sharp(pixels, { raw: { width: 700, height: 700, channels: 3 } });

beforeAll(async () => {
  await photos(join(folder, 'few'), await large.clone().resize(300).jpeg().toBuffer(), 3);
  await writeFile(join(folder, 'few', 'text.jpg'), 'no picture');
  await writeFile(join(folder, 'few', 'notes.txt'), 'x');
  await photos(join(folder, 'many'), await large.clone().jpeg().toBuffer(), 60);
  await mkdir(join(folder, 'empty'));
});

describe('help', () => {
  it.each([
    ['prep', ['--help']],
    ['build-dataset', ['build-dataset', '--help']],
  ])('%s', async (name, argv) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`help/${name}.txt`);
  });
});

it('the version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await prepHere(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('a wrong command line ends with code 2 and says what is right', () => {
  it.each([
    [[], 'Usage: prep'],
    [['bild-dataset'], "unknown command 'bild-dataset'\n(Did you mean build-dataset?)"],
    [['build-dataset', '--resolutin', '32'], "unknown option '--resolutin'\n(Did you mean --resolution?)"],
    [['build-dataset', 'photos'], 'too many arguments'],
    [['build-dataset', '--source'], "option '--source <path>' argument missing"],
    [
      ['build-dataset', '--resolution', '48'],
      'error: --resolution: expected a power of two from 4 to 1024, or WIDTHxHEIGHT',
    ],
    [['build-dataset', '--name', '../x'], 'error: --name: expected a prefix for names of files (no folders,'],
    [['build-dataset', '--resolution', '2'], 'near it: 4x4, got "2"'],
    [
      ['build-dataset', '--min', 'spectrum=-20,quality'],
      'error: --min: expected NAME=NUMBER, such as spectrum=-20, got "spectrum=-20,quality"',
    ],
    [
      ['build-dataset', '--min', 'quality=2,spectrum=1', '--min', 'quality=1'],
      'error: --min: expected one number for each score, got several for quality',
    ],
    [['build-dataset', '--max', 'yaw=far'], '--max: expected NAME=NUMBER, such as yaw=35, got "yaw=far"'],
    [['build-dataset', '--top-by', 'beauty'], 'confidence for "beauty", got "beauty"'],
    [
      ['build-dataset', '--near-duplicates', 'hide'],
      '--near-duplicates: expected one of drop, keep, got "hide"',
    ],
    [['build-dataset', '--top', '0'], '--top: expected a whole number from 1 on, or all, got "0"'],
    [['build-dataset', '--distance', '33'], '--distance: expected at most 32, got "33"'],
    [
      ['build-dataset', '--landmarks', 'points.txt'],
      'error: --landmarks: expected auto, annotation, detect, or a .csv or .json file, got "points.txt"',
    ],
    [
      ['build-dataset', '--max-pad', '2', '--align', 'left', '--seed', 'x', '--workers', '1.5'],
      'error: --align: expected one of face, none, got "left"\n' +
        '--max-pad: expected at most 1, got "2"\n' +
        '--seed: expected a number, got "x"\n' +
        '--workers: expected a whole number, got "1.5"\n',
    ],
    [
      [
        'build-dataset',
        '--source',
        join(folder, 'few'),
        '--align',
        'none',
        '--min-face',
        '9',
        '--quad',
        'ffhq',
      ],
      'error: --quad, --min-face: without effect on whole pictures, --align none; leave them out, or ask for --align face\n',
    ],
    [
      ['build-dataset', '--source', join(folder, 'few'), '--fit', 'pad'],
      'error: --fit: without effect on faces, --align face (what a source of kind folder is taken for); leave it out,',
    ],
    [
      ['build-dataset', '--source', join(folder, 'few'), '--align', 'none', '--min', 'yaw=3'],
      'error: --min: whole pictures have no score yaw; they have ',
    ],
    [
      ['build-dataset', '--source', join(folder, 'few'), '--align', 'none', '--labels', 'own'],
      'error: --labels: a source of kind folder has no labels of its own;',
    ],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('as a process too', async () => {
    const { code, stdout, stderr } = await prep(['build-dataset', '--resolutin', '32']);
    expect(stderr).toContain('(Did you mean --resolution?)');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('a job that cannot be done ends with code 1 and says what to do', () => {
  const at = (name: string) => join(folder, name);
  it.each([
    [
      ['--source', at('nowhere')],
      /^error: .*nowhere: no such folder or file; name pictures with --source\n$/,
    ],
    [['--source', at('empty')], /^error: .*empty: holds no pictures/],
    [['--source', at('few'), '--out', folder], /holds \d entries and is no dataset; choose another output/],
    [['--source', at('few'), '--face-model', at('gone.task')], /There is no face model at .*gone\.task/],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await prepHere(['build-dataset', '--out', at('set'), ...argv]);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('the sample that is not there, looked for from the folder of the process', async () => {
    const { code, stdout, stderr } = await prep(['build-dataset'], { cwd: folder });
    expect(stderr).toMatch(/embedded sample is not there; make it with "npx nx run sample-faces:generate"/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

const isRoot = process.getuid?.() === 0;
it.skipIf(isRoot)(
  'a folder without permission is told in words, without names of our own files',
  async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o555);
    const source = ['--source', join(folder, 'few'), '--align', 'none', '--resolution', '16'];
    const { code, stderr } = await prepHere(['build-dataset', ...source, '--out', join(closed, 'set')]);
    expect(stderr).toContain(
      `error: ${join(closed, 'set')}: cannot be written (permission denied); free some`,
    );
    expect(stderr).not.toMatch(/EACCES|\.work|lock-/);
    expect(code).toBe(1);
  },
);

describe('prep build-dataset', () => {
  it('reports to people on standard error and to programs on standard output', async () => {
    const argv = [
      'build-dataset',
      '--source',
      'few',
      '--align',
      'none',
      '--resolution',
      '16',
      '--min-sharpness',
      '0',
      '--notes',
      'notes.csv',
      '--labels',
      'labels.csv',
      '--json',
    ];
    await writeFile(join(folder, 'notes.csv'), 'path,licence\nphoto000.jpg,CC0\nelse.jpg,CC0\n');
    const labels = ['photo000.jpg,a', 'photo001.jpg,b', 'photo002.jpg,a', 'text.jpg,c'];
    await writeFile(join(folder, 'labels.csv'), `path,class\n${labels.join('\n')}\n`);
    const { code, stdout, stderr } = await prep(argv, { cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^notes +1 {2}of the 2 paths in notes\.csv are those of pictures, not "else\.jpg"; 1 of 4 pictures are in it$/m,
    );
    expect(stderr).toMatch(/^unused labels +1 {2}no image has these: c$/m);
    expect(stderr).toMatch(/^pictures +4$/m);
    expect(stderr).toMatch(/^kept +3$/m);
    expect(stderr).toMatch(/^ {2}not-an-image +1 {2}the file holds no picture/m);
    expect(stderr).toMatch(/3 images of 16x16 in 3 levels, .*sheet\.png$/m);
    expect(JSON.parse(stdout)).toMatchObject({
      out: join('data', 'datasets', 'few'),
      images: 3,
      pictures: 4,
      otherFiles: 1,
      dropped: { 'not-an-image': 1 },
    });
    expect(await readdir(join(folder, 'data/datasets/few'))).toContain('few-r04.tfrecords');
  });

  it('stops at Ctrl-C with code 130 and continues when it is started again', async () => {
    const argv = [
      'build-dataset',
      '--source',
      'many',
      '--align',
      'none',
      '--min-sharpness',
      '0',
      '--workers',
      '1',
      '--json',
    ];
    const stopped = await prep(argv, {
      cwd: folder,
      interruptWhen: (stderr) => (stderr.includes('prepare: 1 of 60') ? 'SIGINT' : undefined),
    });
    expect(stopped.stderr).toMatch(/stopped after \d+ of 60 pictures; the same command continues from there/);
    expect({ code: stopped.code, stdout: stopped.stdout }).toEqual({ code: 130, stdout: '' });
    expect(await readdir(join(folder, 'data/datasets'))).toContain('many.work');

    const { code, stdout } = await prep(argv, { cwd: folder });
    expect(code).toBe(0);
    const { images, reused } = JSON.parse(stdout) as { images: number; reused: number };
    expect(images).toBe(60);
    expect(reused).toBeGreaterThan(0);
    expect(reused).toBeLessThan(60);
    expect(await readdir(join(folder, 'data/datasets'))).not.toContain('many.work');
  });
});
