/** What this machine offers for training, for `pggan doctor`: facts only, the caller prints. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { availableBackends } from '../backend/available.js';
import { nvidiaGpus } from '../backend/nvidia.js';
import type { BackendName } from '../backend/start.js';
import { runCommand } from '../provision/command.js';
import { findCompiler } from '../provision/compile.js';
import { findPip } from '../provision/pip.js';
import { cacheFolder } from '../provision/target.js';
import { inspectCache, type CacheReport } from './cache.js';

export interface MachineReport {
  readonly node: string; //                       as v22.12.0
  readonly platform: string; //                   as linux-x64
  readonly cpu: {
    readonly model: string;
    readonly threads: number; //                  that this process may use
    readonly features: readonly string[]; //      those of PROBED_FEATURES that the processor has; Linux only
  };
  readonly memory: number; //                     bytes
  readonly gpus: readonly string[]; //            one line an NVIDIA GPU: name, memory, driver
  readonly backends: readonly BackendName[]; //   that startEngine would accept by name
  readonly libtensorflow: string | undefined; //  PGGAN_LIBTENSORFLOW
  readonly pip: string | undefined; //            how it is called; undefined: none found
  readonly compiler: string | undefined; //       its own first line; undefined: none found
  readonly cache: CacheReport;
}

/** Instruction sets that decide how fast TensorFlow's kernels run; x86 first, then Arm. */
export const PROBED_FEATURES = [
  'sse4_2',
  'avx',
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'amx_tile',
  'amx_bf16',
  'asimd',
  'asimddp',
  'sve',
  'bf16',
] as const;

export async function inspectMachine(env: NodeJS.ProcessEnv = process.env): Promise<MachineReport> {
  const [features, gpus, backends, pip, compiler, cache] = await Promise.all([
    cpuFeatures(),
    nvidiaGpus(env),
    availableBackends(env),
    findPip(env).then(({ command, args }) => [command, ...args].join(' '), missing),
    findCompiler(env).then((command) => compilerVersion(command, env), missing),
    inspectCache(cacheFolder(env)),
  ]);
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: { model: cpus()[0]?.model.trim() || 'unknown', threads: availableParallelism(), features },
    memory: totalmem(),
    gpus,
    backends,
    libtensorflow: env['PGGAN_LIBTENSORFLOW'] || undefined,
    pip,
    compiler,
    cache,
  };
}

const missing = () => undefined;

async function compilerVersion(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await runCommand(command, ['--version'], { env });
  return stdout.split('\n')[0]?.trim() || command;
}

async function cpuFeatures(): Promise<string[]> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return featuresIn(text);
}

/** @param cpuinfo text of /proc/cpuinfo, where x86 has a `flags` line and Arm a `Features` line a core */
export function featuresIn(cpuinfo: string): string[] {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? '';
  const has = new Set(line.trim().split(/\s+/));
  return PROBED_FEATURES.filter((feature) => has.has(feature));
}
