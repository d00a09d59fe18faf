import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TFRecordExporter } from '@pggan/dataset';
import { afterAll } from 'vitest';
import { run } from '../src/index.js';
import type { Io } from '../src/io.js';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A folder that is gone when the file's tests are done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pggan-cli-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Discs on a ground, `count` RGB images, no two alike. */
export async function writeDiscs(folder: string, side: number, count: number): Promise<void> {
  const exporter = await TFRecordExporter.create(folder, { size: side, channels: 3, name: 'discs' });
  for (let i = 0; i < count; i++) {
    const image = new Uint8Array(3 * side * side);
    for (let p = 0; p < side * side; p++) {
      const inside =
        Math.hypot((p % side) - side / 2, Math.floor(p / side) - side / 2) < (side * (2 + (i % 3))) / 10;
      for (let c = 0; c < 3; c++)
        image[c * side * side + p] = inside ? 255 - ((i * 37 + c * 50) % 128) : i % 100;
    }
    await exporter.add(image);
  }
  await exporter.finish();
}

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line inside this process: quick, for everything that needs no engine. */
export async function runHere(...argv: string[]): Promise<Output> {
  return await runWith({}, ...argv);
}

/** The same in another world: with a clock that stands still, say, so that the same work writes the same bytes. */
export async function runWith(world: Partial<Pick<Io, 'clock' | 'env'>>, ...argv: string[]): Promise<Output> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const code = await run(argv, { stdout: stdout.stream, stderr: stderr.stream, env: {}, ...world });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collected {
  text = '';
  readonly stream: NodeJS.WriteStream;

  constructor() {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.stream = through as unknown as NodeJS.WriteStream;
  }
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Output>;
  /** Waits until standard error contains `text`. */
  saw(text: string): Promise<void>;
}

/** Starts the real program. */
export function start(...argv: string[]): Running {
  const child = spawn(process.execPath, [...process.execArgv, main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The parent may run under Nx; messages should name the program itself.
    env: { ...process.env, NX_TASK_TARGET_PROJECT: '' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Output>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    ended,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (stderr.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () => reject(new Error(`ended without "${text}":\n${stderr}`)));
        look();
      }),
  };
}
