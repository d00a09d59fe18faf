/** Making a libtensorflow that Node can load: download, unpack, compile, try, publish. */
import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { abortError } from './command.js';
import {
  compileBinding,
  compileQuietLoader,
  findCompiler,
  packageFolder,
  type Toolchain,
} from './compile.js';
import { isCudaRuntimeFile, requirementsOfExtra } from './cuda.js';
import { BINDING, QUIET_LOADER, readInstallation, writeReceipt, type Installation } from './layout.js';
import { tryLock, type Lock } from './lock.js';
import { checkProvisionOptions, type CheckedProvisionOptions, type ProvisionOptions } from './options.js';
import { downloadWheel, findPip, type Pip } from './pip.js';
import type { ReportProgress } from './progress.js';
import { createScratch, removeLeftovers, removeScratch } from './scratch.js';
import { smokeTest } from './smoke.js';
import { explainDiskError, freeSpace, requireSpace, SPACE_NEEDED } from './space.js';
import { resolveSource, type Source } from './source.js';
import { cacheFolder, engineFolder, HEADER_FOLDERS, librariesFor, type Wheel } from './target.js';
import { extractFromWheel, readFromWheel } from './wheel.js';

export interface ProvisionResult extends Installation {
  readonly fresh: boolean; // false: the cache had it
}

/** What the steps share. */
interface Job extends Toolchain {
  readonly source: Source;
  readonly scratch: string; //  ours alone, beside the target
  readonly pip: Pip | undefined; // not needed for an existing libtensorflow or a given wheel
  readonly report: ReportProgress;
}

/**
 * The installation that these options ask for, made if the cache does not hold it: minutes and
 * 0.3 GB of download the first time, milliseconds after that. A target folder appears whole or not
 * at all. Safe to run twice at once, and to kill.
 * @throws EngineError with a code and a remedy for everything that can be missing
 */
export async function provision(options: ProvisionOptions = {}): Promise<ProvisionResult> {
  const checked = checkProvisionOptions(options);
  const parent = engineFolder(checked.cache ?? cacheFolder(checked.env));
  const source = await resolveSource(checked);
  const target = join(parent, source.key);
  try {
    const found = checked.force ? undefined : await readInstallation(target);
    return found ? { ...found, fresh: false } : await build(checked, source, parent, target);
  } catch (error) {
    throw explainDiskError(error, parent);
  }
}

async function build(
  options: CheckedProvisionOptions,
  source: Source,
  parent: string,
  target: string,
): Promise<ProvisionResult> {
  const { env = process.env, signal, force, now = Date.now } = options;
  const platform = options.platform ?? process.platform;
  const report = options.onProgress ?? (() => undefined);

  // Everything that can be found missing is, before the first byte is downloaded.
  for (const name of ['@tensorflow/tfjs-node-gpu', 'node-api-headers']) packageFolder(name);
  const compiler = await findCompiler(env, signal);
  const pip = source.kind === 'pip' ? await findPip(env, signal) : undefined;

  await mkdir(parent, { recursive: true });
  const lock = await waitForLock(join(parent, `.lock-${source.key}`), report, now, signal);
  try {
    const theirs = force ? undefined : await readInstallation(target);
    if (theirs) return { ...theirs, fresh: false };
    await removeLeftovers(parent, now());
    const needed = source.kind === 'existing' ? 0 : SPACE_NEEDED[source.variant];
    requireSpace(parent, needed, await (options.freeSpace ?? freeSpace)(parent));

    const scratch = await createScratch(parent);
    try {
      await prepare({ source, scratch, compiler, pip, env, platform, report, signal });
      await publish(join(scratch, 'install'), target, join(scratch, 'replaced'));
    } finally {
      await removeScratch(scratch);
    }
  } finally {
    await lock.release();
  }
  const made = await readInstallation(target);
  if (!made) throw new Error(`${target} vanished while it was being published`);
  return { ...made, fresh: true };
}

/** Fills scratch/install with a complete, tried installation. */
async function prepare(job: Job): Promise<void> {
  const { source, scratch, env, platform, report, signal } = job;
  const install = join(scratch, 'install');
  const existing = source.kind === 'existing';
  const libraryFolder = existing ? source.libraries : join(install, 'tensorflow');
  const libraries = librariesFor(platform);
  const origin = platform === 'darwin' ? '@loader_path' : '$ORIGIN';
  const binding = join(install, BINDING);
  const quietLoader = join(install, QUIET_LOADER);

  // The small addon first: a compiler that cannot compile is found out before the download.
  await mkdir(dirname(binding), { recursive: true });
  report({ step: 'trying the compiler', done: 0, total: 1, unit: 'steps' });
  await compileQuietLoader(job, quietLoader);
  report({ step: 'trying the compiler', done: 1, total: 1, unit: 'steps' });

  const files = existing ? [] : await unpackWheels(job, install);

  report({ step: 'compiling the binding', done: 0, total: 1, unit: 'steps' });
  await compileBinding(job, {
    include: existing ? source.include : join(libraryFolder, 'include'),
    libraryFolder,
    libraries,
    rpath: existing ? libraryFolder : `${origin}/../tensorflow`,
    output: binding,
  });
  report({ step: 'compiling the binding', done: 1, total: 1, unit: 'steps' });

  report({ step: 'testing', done: 0, total: 1, unit: 'steps' });
  const framework = join(libraryFolder, libraries.framework);
  const { version } = await smokeTest({ quietLoader, framework, binding }, env, signal);
  await writeReceipt(install, {
    schema: 1,
    tensorflow: version,
    variant: existing ? 'external' : source.variant,
    libraries: existing ? libraryFolder : 'tensorflow',
    files: [...files, BINDING, QUIET_LOADER],
  });
  report({ step: 'testing', done: 1, total: 1, unit: 'steps' });
}

/** Libraries and headers into install/; returns the library files, relative to it. */
async function unpackWheels(job: Job, install: string): Promise<string[]> {
  const { source, platform, report, signal } = job;
  if (source.kind === 'existing') return [];
  const { cc, framework } = librariesFor(platform);
  const libraries = [cc, framework].map((name) => `tensorflow/${name}`);
  const headers = HEADER_FOLDERS.map((name) => `tensorflow/include/${name}`);
  const wheel =
    source.kind === 'wheel' ? source.path : await download(job, source.wheel.requirement, source.wheel);
  await extractFromWheel({
    wheel,
    folder: install,
    select: (name) => libraries.includes(name) || headers.some((folder) => name.startsWith(folder)),
    required: libraries,
    report,
    signal,
  });
  if (source.variant === 'cpu') return libraries;

  const metadata = await readFromWheel(wheel, (name) => name.endsWith('.dist-info/METADATA'));
  const cuda: string[] = [];
  for (const requirement of requirementsOfExtra(metadata ?? '', 'and-cuda')) {
    const part = await download(job, requirement, source.wheel);
    const files = await extractFromWheel({
      wheel: part,
      folder: install,
      select: isCudaRuntimeFile,
      report,
      signal,
    });
    cuda.push(...files.map((file) => file.name));
  }
  return [...libraries, ...cuda];
}

async function download(job: Job, requirement: string, wheel: Wheel): Promise<string> {
  const { scratch, env, report, signal } = job;
  const pip = job.pip ?? (await findPip(env, signal));
  // One wheel at a time: the previous one is unpacked and would only take up space.
  const folder = join(scratch, 'download');
  await removeScratch(folder);
  await mkdir(folder);
  return downloadWheel({ pip, requirement, wheel, folder, env, report, signal });
}

/** One rename makes it visible. A whole one that another process put there meanwhile is as good. */
async function publish(made: string, target: string, aside: string): Promise<void> {
  for (;;) {
    await rename(target, aside).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    try {
      return await rename(made, target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      if (await readInstallation(target)) return;
      await removeScratch(aside);
    }
  }
}

async function waitForLock(
  path: string,
  report: ReportProgress,
  now: () => number,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  for (let waited = 0; ; waited++) {
    const lock = await tryLock(path, now);
    if ('release' in lock) return lock;
    if (waited === 0) {
      report({ step: `waiting for process ${lock.holder} (${basename(path)})`, done: 0, unit: 'steps' });
    }
    await sleep(300, undefined, signal ? { signal } : {}).catch(() => {
      throw abortError('waiting for another process');
    });
  }
}
