import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { availableBackends } from '../src/backend/available.js';
import { describeChoice, firstSentence } from '../src/backend/choice.js';
import { startEngine, type StartOptions } from '../src/backend/start.js';
import { featuresIn } from '../src/doctor/inspect.js';
import * as tf from '../src/tf.js';
import { temporaryFolder } from './helpers/temporary.js';

const root = temporaryFolder('backend');
/** A machine without TensorFlow, pip and compiler. */
const bare = { PATH: join(root, 'no-programs'), PGGAN_CACHE: join(root, 'empty-cache'), HOME: root };

describe('the line that says what was chosen', () => {
  it.each([
    [
      {
        backend: 'tensorflow',
        because: 'the fastest here',
        version: '2.21.0',
        gpu: false,
        threads: 2,
        idleGpu: false,
      },
      'engine: tensorflow 2.21.0 on 2 CPU threads: the fastest here.',
    ],
    [
      {
        backend: 'tensorflow',
        because: 'asked for',
        version: '2.21.0',
        gpu: true,
        threads: 1,
        idleGpu: false,
      },
      'engine: tensorflow 2.21.0 on GPU: asked for.',
    ],
    [
      {
        backend: 'tensorflow',
        because: 'asked for',
        version: '2.21.0',
        gpu: false,
        threads: 1,
        idleGpu: true,
      },
      'engine: tensorflow 2.21.0 on 1 CPU thread: asked for. Faster: the NVIDIA GPU here, by `nx run engine:provision -- --variant gpu` (untested on a GPU).',
    ],
    [
      { backend: 'cpu', because: 'No pip found on PATH, and wasm does not start', failed: true },
      'engine: cpu (plain JavaScript): No pip found on PATH, and wasm does not start. Faster: tensorflow, once that is mended (`nx run engine:provision` says how).',
    ],
  ] as const)('%o', (choice, line) => {
    expect(describeChoice(choice)).toBe(line);
  });

  it.each([
    [
      'No pip found on PATH (tried python3 -m pip, pip3); TensorFlow comes in a wheel. Install it.',
      'No pip found on PATH (tried python3 -m pip, pip3)',
    ],
    [
      'Not enough disk space for TensorFlow in /c: 1.3 GB needed, 0.5 GB free. Free some.',
      'Not enough disk space for TensorFlow in /c: 1.3 GB needed, 0.5 GB free',
    ],
    [
      'g++ could not compile the binding (exit status 1):\n  error\nA compiler …',
      'g++ could not compile the binding (exit status 1)',
    ],
    [
      'pip could not reach its package index to download tensorflow-cpu==2.21.0:\n  …',
      'pip could not reach its package index to download tensorflow-cpu==2.21.0',
    ],
  ])('takes from an error message what is wrong, not what to do: %s', (message, sentence) => {
    expect(firstSentence(message)).toBe(sentence);
  });
});

describe('auto on a bare machine', () => {
  it('takes wasm and says what would be faster', async () => {
    const lines: string[] = [];
    const info = await startEngine({ env: bare, log: (line) => lines.push(line) });
    expect(info).toEqual({
      backend: 'wasm',
      gpu: false,
      threads: 1,
      reason:
        'engine: wasm (one thread, SIMD): TensorFlow is not provisioned. Faster: tensorflow, by `nx run engine:provision`.',
    });
    expect(lines).toEqual([info.reason]);
    expect(tf.getBackend()).toBe('wasm');
  });

  it('says why provisioning failed, in the same single line, and leaves nothing behind', async () => {
    const { backend, reason } = await startEngine({ env: bare, provision: true });
    expect(backend).toBe('wasm');
    expect(reason).toBe(
      'engine: wasm (one thread, SIMD): No C++ compiler found on PATH (tried c++, g++, clang++). Faster: tensorflow, once that is mended (`nx run engine:provision` says how).',
    );
    const { PGGAN_CACHE } = bare;
    const files = existsSync(PGGAN_CACHE) ? readdirSync(PGGAN_CACHE, { recursive: true }) : [];
    expect(files.filter((name) => name !== 'engine')).toEqual([]);
  });

  it('falls back from a libtensorflow that is none', async () => {
    const libtensorflow = join(root, 'not-tensorflow');
    mkdirSync(libtensorflow);
    const { backend, reason } = await startEngine({ env: bare, libtensorflow });
    expect(backend).toBe('wasm');
    expect(reason).toMatch(
      /is no libtensorflow: expected .*, missing \S+ and \S+\. Faster: tensorflow, once/,
    );
  });

  it('offers the other two backends to tests', async () => {
    expect(await availableBackends(bare)).toEqual(['wasm', 'cpu']);
  });
});

describe('a backend asked for by name', () => {
  it.each(['wasm', 'cpu'] as const)('%s becomes the current one and computes', async (backend) => {
    const info = await startEngine({ backend, env: bare });
    expect(info.backend).toBe(backend);
    expect(tf.getBackend()).toBe(backend);
    expect(Array.from(await tf.matMul([[1, 2]], [[3], [4]]).data())).toEqual([11]);
  });

  it('tensorflow is an error with the remedy where it is not provisioned', async () => {
    await expect(startEngine({ backend: 'tensorflow', env: bare })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'backend-unavailable',
      message: expect.stringMatching(
        /not provisioned.*nx run engine:provision.*PGGAN_LIBTENSORFLOW/s,
      ) as string,
    });
  });

  it('tensorflow with provisioning says what is missing', async () => {
    await expect(startEngine({ backend: 'tensorflow', env: bare, provision: true })).rejects.toMatchObject({
      code: 'compiler-missing',
    });
  });

  it('tensorflow with a broken cache is not provisioned', async () => {
    const cache = join(root, 'broken-cache');
    const folder = join(cache, 'engine', 'tensorflow-2.21.0-linux-x64-cpu-binding-4.22.0-2');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'receipt.json'), '{}');
    const env = { ...bare, PGGAN_CACHE: cache };
    await expect(startEngine({ backend: 'tensorflow', env })).rejects.toMatchObject({
      code: 'backend-unavailable',
    });
  });

  it.each([
    [{ backend: 'webgl' }, /backend/],
    [{ threads: 0 }, /threads/],
    [{ bakend: 'wasm' }, /bakend/],
  ])('is checked: %o', async (options, name) => {
    await expect(startEngine(options as StartOptions)).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(name) as string,
    });
  });
});

describe('processor features', () => {
  it('are read from x86 and Arm', () => {
    expect(featuresIn('model name\t: X\nflags\t\t: fpu avx2 avx512f sse4_2\n')).toEqual([
      'sse4_2',
      'avx2',
      'avx512f',
    ]);
    expect(featuresIn('Features\t: fp asimd bf16 sve\n')).toEqual(['asimd', 'sve', 'bf16']);
    expect(featuresIn('')).toEqual([]);
  });
});
