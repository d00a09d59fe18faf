import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { flip, makeDataset, makeHollow, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const sound = join(folder, 'sound');

beforeAll(() => makeDataset(sound, { labels: true }));

/** A copy of the sound dataset, damaged. */
async function damaged(name: string, ...files: (readonly [string, number])[]): Promise<string> {
  const copy = join(folder, name);
  await cp(sound, copy, { recursive: true });
  for (const [file, byte] of files) await flip(copy, file, byte);
  return copy;
}

async function isSound(directory: string): Promise<void> {
  expect((await readdir(directory)).sort()).toEqual((await readdir(sound)).sort());
  for (const name of await readdir(sound))
    expect((await readFile(join(directory, name))).equals(await readFile(join(sound, name))), name).toBe(
      true,
    );
}

it('help', async () => {
  const { code, stdout } = await prepHere(['repair', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/repair.txt');
});

describe('prep repair', () => {
  it('restores level files from the dataset itself', async () => {
    const copy = await damaged(
      'one',
      ['set-r04.tfrecords', 400],
      ['set-r03.tfrecords', 250],
      ['set-r03.tfrecords', 251],
    );
    const { code, stdout, stderr } = await prepHere(['repair', copy, '--json']);
    expect(stderr).toMatch(/^set-r04\.tfrecords: rebuilt \(images: 5 kept, 1 with a bit put right\)$/m);
    expect(stderr).toMatch(
      /^set-r03\.tfrecords: rebuilt \(images: 5 kept, 1 averaged from the largest level\)$/m,
    );
    expect(stderr).toContain(`${copy}: 2 files repaired\n`);
    expect(JSON.parse(stdout)).toMatchObject({ sound: true, repaired: [{}, {}], unrepaired: [] });
    expect(code).toBe(0);
    await isSound(copy);
  });

  it('ends with 1 and the command that would help where it cannot', async () => {
    const copy = await damaged('two', ['set-rxx.labels', 140]);
    const first = await prepHere(['repair', copy]);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain(
      `set-rxx.labels: not repaired: it can only be taken from a copy; try: prep repair ${copy} --from COPY\n`,
    );
    expect(first.stderr).toContain(`${copy}: 0 files repaired, 1 file left broken\n`);
    const second = await prepHere(['repair', copy, '--from', sound]);
    expect(second.stderr).toContain('set-rxx.labels: copied\n');
    expect(second.code).toBe(0);
    await isSound(copy);
  });

  it('writes nothing in a dry run', async () => {
    const copy = await damaged('three', ['set-r02.tfrecords', 100]);
    const before = await readFile(join(copy, 'set-r02.tfrecords'));
    const { code, stderr } = await prepHere(['repair', copy, '--dry-run']);
    expect(stderr).toContain(
      'set-r02.tfrecords: can be rebuilt (images: 5 kept, 1 averaged from the largest level)\n',
    );
    expect(stderr).toContain('1 file would be repaired');
    expect(code).toBe(0);
    expect((await readFile(join(copy, 'set-r02.tfrecords'))).equals(before)).toBe(true);
  });

  it('has nothing to do for a sound dataset, and makes an index where there is none', async () => {
    expect(await prepHere(['repair', sound])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${sound}: sound, nothing to repair\n`) as unknown,
    });
    const copy = await damaged('four');
    await rm(join(copy, 'index.json'));
    expect(await prepHere(['repair', copy])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('index.json: rebuilt, without source, settings, versions, ') as unknown,
    });
    expect((await prepHere(['verify', copy, '--sha256'])).code).toBe(0);
  });

  it.each([
    [['repair'], 2, "missing required argument 'dataset'"],
    [['repair', 'a', '--sources', 'b'], 2, 'Did you mean --source?'],
    [['repair', '/nowhere/at/all'], 1, '/nowhere/at/all: no such folder'],
    [['repair', sound, '--from', '/nowhere/at/all'], 1, '/nowhere/at/all: no such folder'],
  ])('%j', async (argv, wanted, message) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
  });

  it('stops at Ctrl-C with 130 and leaves the dataset as it is', async () => {
    const hollow = join(folder, 'hollow');
    await makeHollow(hollow);
    await writeFile(join(hollow, 'set-r02.tfrecords'), 'lost');
    const names = await readdir(hollow);
    const { code, stdout } = await prep(['repair', 'hollow', '--json'], {
      cwd: folder,
      interruptWhen: (stderr) => (stderr.includes('verify: ') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(await readFile(join(hollow, 'set-r02.tfrecords'), 'utf8')).toBe('lost');
    expect(await readdir(hollow)).toEqual(names);
  });
});
