/** Downloading wheels with pip, the one tool that knows the user's index, proxy, certificates and cache. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.js';
import { runCommand, tail, type CommandResult } from './command.js';
import type { ReportProgress } from './progress.js';
import type { Wheel } from './target.js';

/** How to start a pip: the program and the arguments before pip's own. */
export interface Pip {
  readonly command: string;
  readonly args: readonly string[];
}

const CANDIDATES: readonly Pip[] = [
  { command: 'python3', args: ['-m', 'pip'] },
  { command: 'pip3', args: [] },
  { command: 'pip', args: [] },
  { command: 'python', args: ['-m', 'pip'] },
];

/** @throws EngineError `pip-missing` naming everything that was tried. */
export async function findPip(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Pip> {
  for (const pip of CANDIDATES) {
    const { ok } = await runCommand(pip.command, [...pip.args, '--version'], { env, signal });
    if (ok) return pip;
  }
  const tried = CANDIDATES.map((pip) => [pip.command, ...pip.args].join(' ')).join(', ');
  throw new EngineError(
    'pip-missing',
    `No pip found on PATH (tried ${tried}); TensorFlow's library comes in a Python wheel that pip downloads. ` +
      `Install Python 3 with pip (Debian and Ubuntu: apt-get install python3-pip), or give a wheel file that ` +
      `you downloaded elsewhere with --wheel, or an existing libtensorflow in PGGAN_LIBTENSORFLOW.`,
  );
}

export interface DownloadOptions {
  readonly pip: Pip;
  readonly requirement: string; //  `name==version` or a range as the wheel's metadata gives it
  readonly wheel: Wheel; //         tags to match instead of those of the Python that runs pip
  readonly folder: string; //       existing, empty, ours: the wheel and pip's temporary files go here
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly report: ReportProgress;
}

/**
 * Downloads one wheel without its dependencies and returns its path.
 * pip checks the index's sha256 while it downloads.
 * @throws EngineError `network-unreachable`, `disk-full`, `wheel-corrupt` or `pip-failed`
 */
export async function downloadWheel(options: DownloadOptions): Promise<string> {
  const { pip, requirement, wheel, folder, env, signal, report } = options;
  const name = requirement.match(/^[\w.-]+/)?.[0] ?? requirement;
  const step = `downloading ${name}`;
  let total: number | undefined;
  const watch = watchGrowth(folder, (done) => report({ step, done, unit: 'bytes', ...(total && { total }) }));
  let result: CommandResult;
  try {
    result = await runCommand(pip.command, [...pip.args, ...downloadArguments(requirement, wheel, folder)], {
      env: { ...env, TMPDIR: folder, TEMP: folder, TMP: folder, PYTHONUNBUFFERED: '1', LC_ALL: 'C' },
      signal,
      onLine: (line) => (total = announcedBytes(line) ?? total),
    });
  } finally {
    watch.stop();
  }
  if (!result.ok) throw downloadError(requirement, result);
  const file = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
  if (!file) {
    throw new EngineError(
      'pip-failed',
      `pip said it downloaded ${requirement} but left no wheel:\n${tail(result.output)}`,
    );
  }
  const path = join(folder, file);
  const { size } = await stat(path);
  report({ step, done: size, total: size, unit: 'bytes' });
  return path;
}

function downloadArguments(requirement: string, wheel: Wheel, folder: string): string[] {
  return [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--implementation=cp',
    `--python-version=${wheel.pythonVersion}`,
    // CUDA's wheels are tagged py3-none; pip wants every abi spelt out once one is.
    `--abi=${wheel.abi}`,
    '--abi=none',
    ...wheel.platforms.map((platform) => `--platform=${platform}`),
    '--progress-bar=off',
    '--disable-pip-version-check',
    '--no-input',
    '--retries=2',
    '--timeout=20',
    `--dest=${folder}`,
    requirement,
  ];
}

/** `Downloading name.whl (273.8 MB)` or `Using cached ...`: pip counts in powers of ten. */
export function announcedBytes(line: string): number | undefined {
  const match = /(?:Downloading|Using cached) \S+\.whl \(([\d.]+) (bytes|kB|MB|GB)\)/.exec(line);
  if (!match) return undefined;
  const scale = { bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[match[2] as 'bytes' | 'kB' | 'MB' | 'GB'];
  return Math.round(Number(match[1]) * scale);
}

/** What pip's output means, most telling symptom first: without a network it also says "no matching distribution". */
export function downloadError(
  requirement: string,
  result: Pick<CommandResult, 'output' | 'status'>,
): EngineError {
  const { output, status } = result;
  const lines = tail(output, 4);
  if (/No space left on device|Disk quota exceeded|Errno 28\b/.test(output)) {
    return new EngineError(
      'disk-full',
      `The disk filled up while pip downloaded ${requirement}. Free some space, or point PGGAN_CACHE at a roomier disk.`,
    );
  }
  if (/DO NOT MATCH THE HASHES|IncompleteRead|BadZipFile|is invalid\.$/m.test(output)) {
    return new EngineError(
      'wheel-corrupt',
      `pip received a damaged ${requirement}:\n${lines}\nRun the command again; if it persists, clear pip's cache (pip cache purge).`,
    );
  }
  if (
    /NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Read timed out|ProxyError|Max retries exceeded|Network is unreachable|Connection (refused|reset|aborted)|Temporary failure in name resolution|SSLError|SSL:/i.test(
      output,
    )
  ) {
    return new EngineError(
      'network-unreachable',
      `pip could not reach its package index to download ${requirement}:\n${lines}\n` +
        `Check the network, or pip's proxy and index settings; offline, give a wheel file with --wheel or an existing libtensorflow in PGGAN_LIBTENSORFLOW.`,
    );
  }
  return new EngineError(
    'pip-failed',
    `pip download ${requirement} failed (${status}):\n${lines}\n` +
      `An old pip may not know this file's platform tags: python3 -m pip install --upgrade pip.`,
  );
}

/** Reports the size of the wheel while pip writes it; pip itself says nothing off a terminal. */
function watchGrowth(folder: string, report: (bytes: number) => void): { stop: () => void } {
  let reported = 0;
  const timer = setInterval(() => {
    void largestWheel(folder).then((bytes) => {
      if (bytes > reported) report((reported = bytes));
    });
  }, 250);
  return { stop: () => clearInterval(timer) };
}

async function largestWheel(folder: string): Promise<number> {
  // pip writes into pip-unpack-*/name.whl, then moves the file up; for a moment both exist.
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names
    .filter((name) => name.endsWith('.whl'))
    .map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return Math.max(0, ...(await Promise.all(sizes)));
}
