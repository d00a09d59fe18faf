import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectCache } from '../src/doctor/cache.js';
import { BINDING, readInstallation, writeReceipt } from '../src/provision/layout.js';
import { tryLock } from '../src/provision/lock.js';
import { createScratch, hostTag, removeLeftovers, removeScratch } from '../src/provision/scratch.js';
import { cacheFolder, cacheKey, wheelFor } from '../src/provision/target.js';
import { temporaryFolder } from './helpers/temporary.js';

const root = temporaryFolder('cache');
const HOUR = 3600 * 1000;
/** A process number that was in use a moment ago and no longer is. */
const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

async function installationIn(folder: string): Promise<string> {
  mkdirSync(join(folder, 'binding'), { recursive: true });
  mkdirSync(join(folder, 'tensorflow'));
  writeFileSync(join(folder, BINDING), 'binding');
  writeFileSync(join(folder, 'tensorflow', 'library'), 'twelve bytes');
  await writeReceipt(folder, {
    schema: 1,
    tensorflow: '2.21.0',
    variant: 'cpu',
    libraries: 'tensorflow',
    files: [BINDING, 'tensorflow/library'],
  });
  return folder;
}

describe('the cache folder', () => {
  it('is where PGGAN_CACHE says', () => {
    expect(cacheFolder({ PGGAN_CACHE: '/somewhere' })).toBe('/somewhere');
    expect(cacheFolder({ PGGAN_CACHE: '' })).toMatch(/pggan/);
  });

  it('keeps one folder a TensorFlow version, machine, variant and binding', () => {
    expect(cacheKey({ platform: 'linux', arch: 'x64', variant: 'cpu' })).toBe(
      'tensorflow-2.21.0-linux-x64-cpu-binding-4.22.0-2',
    );
  });

  it('asks pip for the build that fits the machine', () => {
    expect(wheelFor({ platform: 'linux', arch: 'x64', variant: 'cpu' }).requirement).toBe(
      'tensorflow-cpu==2.21.0',
    );
    expect(wheelFor({ platform: 'linux', arch: 'x64', variant: 'gpu' }).requirement).toBe(
      'tensorflow==2.21.0',
    );
    expect(wheelFor({ platform: 'linux', arch: 'arm64', variant: 'cpu' }).platforms).toContain(
      'manylinux_2_27_aarch64',
    );
  });
});

describe('an installation', () => {
  it('is what its receipt lists, and is reported with its weight', async () => {
    const folder = await installationIn(join(root, 'whole', 'engine', 'key'));
    const found = await readInstallation(folder);
    expect(found?.receipt.files).toEqual({ [BINDING]: 7, 'tensorflow/library': 12 });
    expect(found?.libraryFolder).toBe(join(folder, 'tensorflow'));
    const report = await inspectCache(join(root, 'whole'));
    expect(report.installations).toMatchObject([
      { tensorflow: '2.21.0', variant: 'cpu', bytes: report.bytes },
    ]);
  });

  it.each([
    [
      'a library is cut',
      (folder: string) => writeFileSync(join(folder, 'tensorflow', 'library'), 'eleven byte'),
    ],
    ['the receipt is cut', (folder: string) => writeFileSync(join(folder, 'receipt.json'), '{"schema": 1')],
    [
      'the receipt is of another schema',
      (folder: string) => writeFileSync(join(folder, 'receipt.json'), '{"schema":2}'),
    ],
  ])('is not believed when %s', async (name, damage) => {
    const folder = await installationIn(join(root, name));
    damage(folder);
    expect(await readInstallation(folder)).toBeUndefined();
  });
});

describe('work folders', () => {
  it('of dead runs are removed, those of live ones are not', async () => {
    const parent = join(root, 'work');
    const mine = await createScratch(parent);
    const names = {
      live: `.work-${hostTag()}-${process.ppid}-abc`,
      dead: `.work-${hostTag()}-${deadPid}-abc`,
      reborn: `.work-${hostTag()}-${process.pid}-from-an-earlier-container`,
      foreign: `.work-elsewhere-${deadPid}-abc`,
      unrelated: 'tensorflow-2.20.0',
    };
    for (const name of Object.values(names)) mkdirSync(join(parent, name, 'install'), { recursive: true });
    const now = Date.now();
    expect((await removeLeftovers(parent, now)).sort()).toEqual([names.dead, names.reborn].sort());
    expect(await removeLeftovers(parent, now + 25 * HOUR)).toEqual([names.foreign]);
    expect(readdirSync(parent).sort()).toEqual(
      [names.live, names.unrelated, mine.slice(parent.length + 1)].sort(),
    );
    await removeScratch(mine);
    expect(existsSync(mine)).toBe(false);
  });
});

describe('the lock', () => {
  const path = join(root, '.lock-key');

  it('has one holder at a time', async () => {
    const first = await tryLock(path, Date.now);
    expect(await tryLock(path, Date.now)).toEqual({ holder: process.pid });
    if ('release' in first) await first.release();
    const second = await tryLock(path, Date.now);
    expect(second).toHaveProperty('release');
    if ('release' in second) await second.release();
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['whose process is dead', `${hostTag()} ${deadPid}`, 0],
    ['that nobody has touched for a minute', `elsewhere ${deadPid}`, 61],
  ])('is taken from a holder %s', async (_, text, secondsAgo) => {
    writeFileSync(path, text);
    const touched = new Date(Date.now() - secondsAgo * 1000);
    utimesSync(path, touched, touched);
    const lock = await tryLock(path, Date.now);
    expect(lock).toHaveProperty('release');
    if ('release' in lock) await lock.release();
  });

  it('is respected on another machine while it is touched', async () => {
    writeFileSync(path, 'elsewhere 123');
    expect(await tryLock(path, Date.now)).toEqual({ holder: 123 });
  });
});
