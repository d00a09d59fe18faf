import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCudaRuntimeFile, requirementsOfExtra } from '../src/provision/cuda.js';
import type { ProvisionOptions } from '../src/provision/options.js';
import { announcedBytes, downloadError } from '../src/provision/pip.js';
import { provision } from '../src/provision/provision.js';
import { freeSpace, requireSpace } from '../src/provision/space.js';
import { temporaryFolder } from './helpers/temporary.js';
import { zipOf } from './helpers/zip.js';

const root = temporaryFolder('errors');
const plenty = async () => 100e9;
/** Where a program is on the real PATH, or undefined. */
const which = (program: string) => {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};
const compiler = which('c++') ?? which('g++') ?? which('clang++');
const hasPip = which('pip3') !== undefined;
const linux = process.platform === 'linux' && process.arch === 'x64';

let cases = 0;
/** A fresh cache and an environment that finds only the given programs. */
function isolated(
  programs: readonly (string | undefined)[] = [],
  more: NodeJS.ProcessEnv = {},
): ProvisionOptions {
  const folder = join(root, `case-${cases++}`);
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of programs) if (program) symlinkSync(program, join(bin, program.split('/').at(-1)!));
  return { cache: join(folder, 'cache'), env: { PATH: bin, HOME: folder, ...more } };
}

/** Nothing that a later run could believe, and no work folder or lock. */
function expectNothingLeft(options: ProvisionOptions): void {
  const engine = join(options.cache!, 'engine');
  expect(existsSync(engine) ? readdirSync(engine) : []).toEqual([]);
}

function wheelFile(name: string, content: Record<string, string | Uint8Array>): string {
  const path = join(root, `${name}.whl`);
  writeFileSync(path, zipOf(content));
  return path;
}
const libraries = {
  'tensorflow/libtensorflow_cc.so.2': 'no library',
  'tensorflow/libtensorflow_framework.so.2': 'no library',
};

describe('provision refuses with a remedy', () => {
  it('an unknown option, by name', async () => {
    await expect(provision({ varant: 'gpu' } as ProvisionOptions)).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('varant') as string,
    });
  });

  it.each([
    ['win32', 'x64', 'cpu', /TensorFlow cannot be provisioned on win32-x64: expected one of linux-x64/],
    ['darwin', 'x64', 'cpu', /darwin-x64: expected one of linux-x64, linux-arm64, darwin-arm64/],
    [
      'darwin',
      'arm64',
      'gpu',
      /NVIDIA GPUs cannot be provisioned on darwin-arm64: expected one of linux-x64, linux-arm64\./,
    ],
  ] as const)('a platform without a wheel: %s %s %s', async (platform, arch, variant, message) => {
    await expect(provision({ ...isolated(), platform, arch, variant })).rejects.toMatchObject({
      code: 'platform-unsupported',
      message: expect.stringMatching(message) as string,
    });
  });

  it('no compiler on PATH, before anything is downloaded', async () => {
    const options = isolated();
    await expect(provision(options)).rejects.toMatchObject({
      code: 'compiler-missing',
      message: expect.stringMatching(/tried c\+\+, g\+\+, clang\+\+.*apt-get install g\+\+/s) as string,
    });
    expectNothingLeft(options);
  });

  it('a compiler named in CXX that does not exist', async () => {
    await expect(provision(isolated([compiler], { CXX: 'no-such-compiler' }))).rejects.toMatchObject({
      code: 'compiler-missing',
      message: expect.stringContaining('tried no-such-compiler') as string,
    });
  });

  it.runIf(compiler)('no pip on PATH', async () => {
    const options = isolated([compiler]);
    await expect(provision(options)).rejects.toMatchObject({
      code: 'pip-missing',
      message: expect.stringMatching(/tried python3 -m pip, pip3, pip, python -m pip.*--wheel/s) as string,
    });
    expectNothingLeft(options);
  });

  it.runIf(compiler)('a disk with too little space, in numbers', async () => {
    const options = {
      ...isolated([compiler]),
      wheel: wheelFile('space', libraries),
      freeSpace: async () => 5e8,
    };
    await expect(provision(options)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/1\.3 GB needed, 0\.5 GB free.*PGGAN_CACHE/s) as string,
    });
    expectNothingLeft(options);
  });

  it.runIf(compiler)('a wheel file that is not there, is cut, or is of something else', async () => {
    const env = { ...process.env, CXX: compiler };
    const cut = join(root, 'cut.whl');
    writeFileSync(cut, readFileSync(wheelFile('whole', libraries)).subarray(0, -9));
    for (const wheel of [join(root, 'absent.whl'), cut, wheelFile('numpy', { 'numpy/__init__.py': '' })]) {
      const options = { ...isolated(), env, wheel, freeSpace: plenty };
      await expect(provision(options)).rejects.toMatchObject({ code: 'wheel-corrupt' });
      expectNothingLeft(options);
    }
  });

  it.runIf(compiler && linux)('a binding that does not compile, with what the compiler said', async () => {
    const options = {
      ...isolated(),
      env: process.env,
      wheel: wheelFile('headerless', libraries),
      freeSpace: plenty,
    };
    await expect(provision(options)).rejects.toMatchObject({
      code: 'compile-failed',
      message: expect.stringMatching(/tensorflow\/c\/.*No such file|not found/s) as string,
    });
    expectNothingLeft(options);
  });

  it.runIf(compiler)('a cache that cannot be written', async () => {
    const options = isolated([compiler]);
    writeFileSync(options.cache!, 'a file where the folder should be');
    const wheel = wheelFile('unwritable', libraries);
    await expect(provision({ ...options, wheel })).rejects.toMatchObject({ code: 'cache-unwritable' });
  });

  it('a folder that holds no libtensorflow, or one without headers', async () => {
    const folder = join(root, 'existing');
    mkdirSync(folder);
    await expect(provision({ ...isolated(), libtensorflow: folder })).rejects.toMatchObject({
      code: 'libtensorflow-invalid',
      message: expect.stringMatching(/missing libtensorflow_cc.* and libtensorflow_framework/) as string,
    });
    for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
      writeFileSync(join(folder, name), '');
    await expect(
      provision({ ...isolated([], { PGGAN_LIBTENSORFLOW: folder }), platform: 'linux' }),
    ).rejects.toMatchObject({
      code: 'libtensorflow-invalid',
      message: expect.stringMatching(
        /expected tensorflow\/c\/c_api.h.*PGGAN_LIBTENSORFLOW_INCLUDE/,
      ) as string,
    });
  });

  it.runIf(compiler && hasPip && linux)('a package index that cannot be reached', async () => {
    const unreachable = {
      ...process.env,
      PIP_CONFIG_FILE: '/dev/null',
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_EXTRA_INDEX_URL: '',
      PIP_NO_CACHE_DIR: '1',
    };
    const options = { ...isolated(), env: unreachable, freeSpace: plenty };
    await expect(provision(options)).rejects.toMatchObject({
      code: 'network-unreachable',
      message: expect.stringMatching(/could not reach its package index.*--wheel/s) as string,
    });
    expectNothingLeft(options);
  });
});

const mountable = process.getuid?.() === 0 && canMount();
function canMount(): boolean {
  const folder = join(root, 'probe');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(mountable && compiler)('on a real full disk (a 4 MB tmpfs)', () => {
  const disk = join(root, 'disk');
  beforeAll(() => {
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  });
  afterAll(() => {
    execFileSync('umount', [disk]);
  });
  const wheel = () =>
    wheelFile('large', { ...libraries, 'tensorflow/libtensorflow_cc.so.2': Buffer.alloc(16 << 20) });

  it('says so before it starts', async () => {
    await expect(provision({ cache: disk, wheel: wheel() })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('0.0 GB free') as string,
    });
  });

  it('says so when it fills up half-way, and leaves it empty', async () => {
    await expect(provision({ cache: disk, wheel: wheel(), freeSpace: plenty })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/filled up while writing to .*ENOSPC.*PGGAN_CACHE/) as string,
    });
    expectNothingLeft({ cache: disk });
  });
});

describe('disk space', () => {
  it('is asked of the nearest folder that exists', async () => {
    expect(await freeSpace(join(root, 'not', 'made', 'yet'))).toBeGreaterThan(0);
    expect(() => requireSpace('/cache', 10, 10)).not.toThrow();
  });
});

describe("pip's words", () => {
  it.each([
    ['  Downloading tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl (273.8 MB)', 273_800_000],
    ['  Using cached nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.whl (39.7 MB)', 39_700_000],
    ['Downloading small-1.0-py3-none-any.whl (11 kB)', 11_000],
    ['Collecting tensorflow-cpu==2.21.0', undefined],
  ])('announce a size: %s', (line, bytes) => {
    expect(announcedBytes(line)).toBe(bytes);
  });

  it.each([
    [
      "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(...)'\nERROR: No matching distribution found",
      'network-unreachable',
    ],
    ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', 'disk-full'],
    ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', 'wheel-corrupt'],
    ['ERROR: No matching distribution found for tensorflow-cpu==2.21.0', 'pip-failed'],
  ])('become an error of ours: %s', (output, code) => {
    expect(downloadError('tensorflow-cpu==2.21.0', { output, status: 'exit status 1' })).toMatchObject({
      code,
    });
  });
});

describe('the CUDA wheels', () => {
  const metadata = readFileSync(
    join(import.meta.dirname, 'fixtures', 'tensorflow-2.21.0-METADATA.txt'),
    'utf8',
  );

  it("are those of the wheel's and-cuda extra, without its other dependencies", () => {
    const requirements = requirementsOfExtra(metadata, 'and-cuda');
    expect(requirements).toHaveLength(12);
    expect(requirements[0]).toBe('nvidia-cublas-cu12<13.0,>=12.5.3.2');
    expect(requirements.at(-1)).toBe('nvidia-nvjitlink-cu12<13.0,>=12.5.82');
    expect(requirementsOfExtra(metadata, 'no-such-extra')).toEqual([]);
  });

  it.each([
    ['nvidia/cudnn/lib/libcudnn_ops.so.9', true],
    ['nvidia/cublas/lib/libcublas.so.12', true],
    ['nvidia/cuda_nvcc/bin/ptxas', true],
    ['nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc', true],
    ['nvidia/cudnn/include/cudnn.h', false],
    ['nvidia_cudnn_cu12-9.3.0.dist-info/RECORD', false],
  ])('give %s: %s', (name, needed) => {
    expect(isCudaRuntimeFile(name)).toBe(needed);
  });
});
