/**
 * Which TensorFlow is wanted: the wheel it comes in, the libraries and headers inside that wheel,
 * and the name of the folder it gets in the cache.
 */
import { join } from 'node:path';
import envPaths from 'env-paths';
import { EngineError } from '../errors.js';

/** The TensorFlow release every checkout uses; the headers and the binding are known to agree. */
export const TENSORFLOW_VERSION = '2.21.0';
/** What is compiled: the npm package whose binding it is, and our own revision of how. Part of the cache key. */
export const BINDING_VERSION = '4.22.0-2';

export type Variant = 'cpu' | 'gpu';

export interface Target {
  readonly platform: NodeJS.Platform;
  readonly arch: string; //      as process.arch
  readonly variant: Variant;
}

/** What pip is asked for. Python's version is part of the file's name only: no Python code is used. */
export interface Wheel {
  readonly requirement: string;
  readonly pythonVersion: string;
  readonly abi: string;
  readonly platforms: readonly string[]; // every tag that this machine accepts, as pip compares them literally
}

export interface Libraries {
  readonly cc: string;
  readonly framework: string;
}

const MANYLINUX = [
  'manylinux_2_28',
  'manylinux_2_27',
  'manylinux_2_17',
  'manylinux2014',
  'manylinux1',
  'linux',
];

/** Wheel names by `platform-arch`; cpu-only builds exist for x64 alone, elsewhere `tensorflow` is one already. */
const WHEELS: Record<string, { cpu: string; gpu?: string; tags: readonly string[] }> = {
  'linux-x64': { cpu: 'tensorflow-cpu', gpu: 'tensorflow', tags: MANYLINUX.map((tag) => `${tag}_x86_64`) },
  'linux-arm64': { cpu: 'tensorflow', gpu: 'tensorflow', tags: MANYLINUX.map((tag) => `${tag}_aarch64`) },
  'darwin-arm64': { cpu: 'tensorflow', tags: ['macosx_12_0_arm64', 'macosx_11_0_arm64'] },
};

/** @throws EngineError `platform-unsupported` where no official wheel holds a usable libtensorflow. */
export function wheelFor(target: Target): Wheel {
  const name = `${target.platform}-${target.arch}`;
  const known = WHEELS[name];
  const packageName = known?.[target.variant];
  if (!known || !packageName) {
    const wanted = target.variant === 'gpu' ? 'TensorFlow for NVIDIA GPUs' : 'TensorFlow';
    const supported = Object.keys(WHEELS).filter((key) => WHEELS[key]?.[target.variant]);
    throw new EngineError(
      'platform-unsupported',
      `${wanted} cannot be provisioned on ${name}: expected one of ${supported.join(', ')}. ` +
        `Use --backend wasm, or build libtensorflow yourself and name its folder in PGGAN_LIBTENSORFLOW.`,
    );
  }
  return {
    requirement: `${packageName}==${TENSORFLOW_VERSION}`,
    pythonVersion: '3.11',
    abi: 'cp311',
    platforms: known.tags,
  };
}

/** File names of the two libraries; both carry only TensorFlow's major version. */
export function librariesFor(platform: NodeJS.Platform): Libraries {
  return platform === 'darwin'
    ? { cc: 'libtensorflow_cc.2.dylib', framework: 'libtensorflow_framework.2.dylib' }
    : { cc: 'libtensorflow_cc.so.2', framework: 'libtensorflow_framework.so.2' };
}

/** The headers that the binding's includes reach; the wheel holds 60 times as many. */
export const HEADER_FOLDERS = [
  'tensorflow/c/',
  'tensorflow/core/platform/',
  'xla/tsl/c/',
  'xla/tsl/platform/',
  'tsl/',
] as const;

/** One folder a build: a Node major is no part of it, because Node-API 8 is the same in all of them. */
export function cacheKey(target: Target): string {
  return `tensorflow-${TENSORFLOW_VERSION}-${target.platform}-${target.arch}-${target.variant}-binding-${BINDING_VERSION}`;
}

/** The per-user folder that all checkouts share: `PGGAN_CACHE`, else the operating system's own place. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['PGGAN_CACHE'] || envPaths('pggan', { suffix: '' }).cache;
}

/** The engine's part of the cache. */
export function engineFolder(cache: string): string {
  return join(cache, 'engine');
}
