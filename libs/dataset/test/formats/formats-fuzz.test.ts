import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { DatasetError } from '../../src/errors.js';
import { parseCifarPickle } from '../../src/formats/cifar-pickle.js';
import { parsePickle } from '../../src/formats/pickle.js';
import { cifar } from '../../src/sources/cifar.js';
import { lsun } from '../../src/sources/lsun.js';
import { mnist } from '../../src/sources/mnist.js';
import { SourcePictureError, type SourceKind } from '../../src/sources/source.js';
import { temporaryFolder } from '../folder.js';
import { openSet } from '../sources/sets.js';
import { idxBytes } from './idx-writer.js';
import { lmdbPages, type LmdbEntry } from './lmdb-writer.js';
import { mutate, type Damage } from './mutate.js';

const folder = temporaryFolder();
/** KiB before anything was read, the test runner included. */
const before = process.resourceUsage().maxRSS;
const fixtures = resolve(import.meta.dirname, '../fixtures');

/** A code of ours, or 'sound'; anything else is thrown on. */
async function outcome(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'sound';
  } catch (error) {
    if (error instanceof DatasetError) return error.code;
    throw error;
  }
}

/** Opens, reads every picture and its label, closes. */
async function readAll(kind: SourceKind, path: string): Promise<void> {
  await kind.recognises(path);
  const source = await openSet(kind, path);
  try {
    for (let i = 0; i < source.count; i++) {
      await source.read(i).catch((error: unknown) => {
        if (!(error instanceof SourcePictureError)) throw error;
      });
      source.path(i);
      source.labels?.row(i);
    }
  } finally {
    await source.close();
  }
}

/** How often each outcome came, of this many mutations of `bytes`, given to `read` in a file of this name. */
async function fuzz(
  rounds: number,
  bytes: Buffer,
  damage: Damage,
  read: (mutated: Buffer) => unknown,
): Promise<Record<string, number>> {
  const random = new RandomState(4);
  const outcomes: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    const code = await outcome(() => read(mutate(bytes, random, damage)));
    outcomes[code] = (outcomes[code] ?? 0) + 1;
  }
  return outcomes;
}

const range = (end: number, step = 1) => Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step);

/** Something must have been refused and something accepted, or the damage is of the wrong kind. */
function expectOutcomes(outcomes: Record<string, number>, ...codes: string[]): void {
  expect(Object.keys(outcomes).sort()).toEqual([...codes].sort());
}

describe('damaged sets are typed errors or sound, never anything else', () => {
  const images = idxBytes(
    [4, 6, 5],
    Uint8Array.from({ length: 120 }, (_, i) => i),
  );
  const labels = idxBytes([4], Uint8Array.of(1, 2, 3, 4));
  const damage = { hotspots: range(16), numbers: [4, 6, 5, 120] };

  it.each([
    ['images', images, labels],
    ['labels', labels, images],
  ])('idx: %s', async (what, mutated, other) => {
    const path = join(folder, what);
    const names = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'];
    const [name, otherName] = what === 'images' ? names : names.reverse();
    await mkdir(path);
    await writeFile(join(path, otherName!), other);
    const outcomes = await fuzz(300, mutated, damage, async (bytes) => {
      await writeFile(join(path, name!), bytes);
      await readAll(mnist, path);
    });
    expectOutcomes(outcomes, 'sound', 'source-invalid');
  });

  it('idx, gzipped', async () => {
    const path = join(folder, 'gzipped');
    await mkdir(path);
    const outcomes = await fuzz(
      400,
      gzipSync(images),
      { hotspots: range(20), numbers: [] },
      async (bytes) => {
        await writeFile(join(path, 'train-images-idx3-ubyte.gz'), bytes);
        await readAll(mnist, path);
      },
    );
    expectOutcomes(outcomes, 'sound', 'source-invalid');
  });

  it('CIFAR, binary, plain and gzipped', async () => {
    const path = join(folder, 'cifar');
    await mkdir(path);
    const records = Buffer.alloc(2 * 3073, 3);
    const hotspots = [0, 3073];
    for (const [name, bytes] of [
      ['a.bin', records],
      ['a.bin.gz', gzipSync(records)],
    ] as const) {
      const outcomes = await fuzz(200, bytes, { hotspots, numbers: [9, 10] }, async (mutated) => {
        await writeFile(join(path, name), mutated);
        await readAll(cifar, join(path, name));
      });
      expectOutcomes(outcomes, 'sound', 'source-invalid');
    }
  });
});

describe('damaged pickles', () => {
  it.each(['0', '2', '4', '5', 'python2'])('CIFAR batches of protocol %s', async (protocol) => {
    const bytes = await readFile(join(fixtures, `pickle/batch-${protocol}.pickle`));
    // The instructions lie before and after the pixels.
    const hotspots = [...range(260), ...range(120).map((i) => bytes.length - 1 - i)];
    const outcomes = await fuzz(
      400,
      bytes,
      { hotspots, numbers: [...'RbiocQ\x81\x93\x94h'].map((c) => c.charCodeAt(0)) },
      (mutated) => parseCifarPickle(mutated, 'batch'),
    );
    expectOutcomes(outcomes, 'sound', 'source-invalid');
  });

  it('random instructions', async () => {
    const random = new RandomState(5);
    const opcodes = [...'(.0122NKMJIL\x8aFGSTBUCVX\x8c]})ltd\x85\x86\x87aesupqr\x94ghjcRbo\x93\x95'];
    const pieces = [
      'cnumpy\ndtype\n',
      'cnumpy\nndarray\n',
      'c_codecs\nencode\n',
      'U\x02u1',
      'K\x01',
      '\x89',
      'ccollections\nOrderedDict\n',
      'cnumpy.core.multiarray\n_reconstruct\n',
    ];
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 3000; round++) {
      const code = Array.from({ length: 1 + random.randint(40) }, () => {
        const piece =
          random.randint(4) === 0
            ? pieces[random.randint(pieces.length)]!
            : opcodes[random.randint(opcodes.length)]!;
        return random.randint(6) === 0 ? piece + String.fromCharCode(random.randint(256)) : piece;
      });
      const result = await outcome(() => parsePickle(Buffer.from(`${code.join('')}.`, 'latin1'), 'random'));
      outcomes[result] = (outcomes[result] ?? 0) + 1;
    }
    expectOutcomes(outcomes, 'sound', 'source-invalid');
  });

  it('programs in place of a batch do nothing', async () => {
    const victim = join(folder, 'made-by-pickle');
    const path = join(folder, 'data_batch_1');
    for (const program of [
      `\x80\x02cos\nsystem\n(S'touch ${victim}'\ntR.`,
      `(dp0\nS'data'\n(S'touch ${victim}'\nios\nsystem\ns.`,
      `\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c${String.fromCharCode(6 + victim.length)}touch ${victim}\x85R.`,
      `\x80\x02c__builtin__\neval\n(S'open("${victim}","w")'\ntR.`,
    ]) {
      await writeFile(path, program, 'latin1');
      expect(await outcome(() => readAll(cifar, path))).toBe('source-invalid');
    }
    expect(existsSync(victim)).toBe(false);
  });
});

describe('damaged LMDB files', () => {
  const whole = (pages: Map<number, Buffer>, pageSize: number) => {
    const last = Math.max(...pages.keys());
    const file = Buffer.alloc(last * pageSize + pages.get(last)!.length);
    for (const [number, bytes] of pages) bytes.copy(file, number * pageSize);
    return file;
  };
  const entries: LmdbEntry[] = range(60).map((i) => [
    `a key of some length ${100 + i}`,
    Buffer.alloc(i % 20 === 0 ? 700 : 12, i),
  ]);
  const files: [string, Buffer, number][] = [
    ['of small pages, three levels', whole(lmdbPages(entries, { pageSize: 256 }), 256), 256],
    ['that LMDB wrote', readFileSync(join(fixtures, 'lmdb/large.mdb')), 4096],
  ];

  it.each(files)('%s', async (_, bytes, pageSize) => {
    const path = join(folder, 'data.mdb');
    // The meta pages' fields; the head, the places and the first nodes of every page.
    const meta = [16, 20, 40, 92, 94, 120, 128, 136, 144];
    const heads = range(bytes.length, pageSize).flatMap((page) =>
      [0, 8, 10, 12, 14, 16, 18, 20].map((at) => page + at),
    );
    const nodes = heads
      .filter((at) => at % pageSize === 16)
      .map((at) => (at - 16 + bytes.readUInt16LE(at)) % bytes.length);
    const hotspots = [
      ...meta,
      ...meta.map((at) => pageSize + at),
      ...heads,
      ...nodes,
      ...nodes.map((at) => at + 6),
    ];
    const numbers = [...range(bytes.length / pageSize + 2), pageSize];
    const outcomes = await fuzz(200, bytes, { hotspots, numbers }, async (mutated) => {
      await writeFile(path, mutated);
      await readAll(lsun, path);
    });
    expectOutcomes(outcomes, 'sound', 'source-invalid', 'source-empty');
  });

  it('every page number rewired to every other page', async () => {
    const [, bytes, pageSize] = files[0]!;
    const path = join(folder, 'rewired.mdb');
    const outcomes: Record<string, number> = {};
    const count = bytes.length / pageSize;
    for (const page of range(count).filter((n) => bytes.readUInt16LE(n * pageSize + 10) === 1)) {
      const node = page * pageSize + bytes.readUInt16LE(page * pageSize + 18);
      for (const target of range(count + 2)) {
        const mutated = Buffer.from(bytes);
        mutated.writeUInt32LE(target, node);
        await writeFile(path, mutated);
        const code = await outcome(() => readAll(lsun, path));
        outcomes[code] = (outcomes[code] ?? 0) + 1;
      }
    }
    // Only the page that was there before is right.
    const branches = range(count).filter((n) => bytes.readUInt16LE(n * pageSize + 10) === 1).length;
    expect(outcomes).toEqual({ sound: branches, 'source-invalid': branches * (count + 1) });
  });
});

it('none of it took much memory', () => {
  // Measured: 43 MiB, nearly all of it code and garbage.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(128 * 2 ** 10);
});
