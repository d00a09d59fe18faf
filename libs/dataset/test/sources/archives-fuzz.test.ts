import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { DatasetError } from '../../src/errors.js';
import { readSidecarLabels } from '../../src/labels/sidecar.js';
import { archive } from '../../src/sources/archive.js';
import { temporaryFolder } from '../folder.js';
import { paxRecords, tarOf, withChecksum, zipOf } from '../formats/archives.js';
import { openSource, readAll } from './opening.js';

const folder = temporaryFolder();
const scratch = join(folder, 'scratch');
const picture = (text: string) => Buffer.from(text.repeat(40));

const zip = zipOf(
  [
    { name: 'a/1.jpg', bytes: picture('one'), deflate: true },
    { name: 'b.jpg', bytes: picture('two'), zip64: true },
    { name: 'ä.png', bytes: picture('three'), utf8: true, deflate: true },
    { name: 'c/' },
  ],
  { zip64: true },
);
const tar = tarOf([
  { name: 'h', type: 'x', bytes: paxRecords({ path: 'long/name.jpg', size: '120' }) },
  { name: 'short.jpg', bytes: picture('one') },
  { name: '././@LongLink', type: 'L', bytes: Buffer.from('other/name.jpg\0'), gnu: true },
  { name: 'other.jpg', bytes: picture('two'), gnu: true },
  { name: 'link.jpg', type: '1', link: 'long/name.jpg' },
  { name: 'big.jpg', bytes: picture('three'), binarySize: true },
]);

/** Bytes that mean something somewhere. */
const telling = [0, 1, 0x7f, 0x80, 0xff, 0x2f, 0x2e, 0x5c, 0x22, 0x2c, 0x0a, 0x5b, 0x7b, 0x30, 0x39, 0x65];

function mutated(bytes: Buffer, random: RandomState): Buffer {
  let result = Buffer.from(bytes);
  const changes = 1 + random.randint(4);
  for (let k = 0; k < changes && result.length > 0; k++) {
    const place = random.randint(result.length);
    const length = 1 + random.randint(8);
    switch (random.randint(6)) {
      case 0:
        result[place]! ^= 1 << random.randint(8);
        break;
      case 1:
        result[place] = telling[random.randint(telling.length)]!;
        break;
      case 2:
        result.fill(telling[random.randint(telling.length)]!, place, Math.min(place + length, result.length));
        break;
      case 3:
        result = result.subarray(0, place); // cut
        break;
      case 4: // a piece again, elsewhere
        result = Buffer.concat([result.subarray(0, place), result.subarray(random.randint(place + 1))]);
        break;
      default:
        result = Buffer.concat([result.subarray(0, place), result.subarray(place + length)]);
    }
  }
  return result;
}

/** Mutated, then with right checksums again, so that what comes after them is reached. */
function mutatedTar(random: RandomState): Buffer {
  const result = Buffer.concat([mutated(tar, random), Buffer.alloc(1024)]);
  for (let start = 0; start + 512 <= result.length; start += 512)
    if (result.toString('latin1', start + 257, start + 262) === 'ustar')
      withChecksum(result.subarray(start, start + 512));
  return result;
}

const text = (content: string) => Buffer.from(content);
const csv = text('path,kind\na/1.jpg,cat\n"b ""2"".jpg",dog\n./c.jpg,cat\n');
const numbers = text('path,x,y\na.jpg,1,-2.5\nb.jpg,1e3,0\n');
const styleGan = text('{"labels": [["a/1.png", 3], ["b.png", 0]]}');
const lists = text('[{"path": "a.png", "label": [1, 2.5]}, {"path": "b.png", "label": [0, -1e3]}]');

/** `done` for success and the code of a DatasetError; anything else fails the test. */
async function outcome(work: () => Promise<unknown>, round: number): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (error instanceof DatasetError) return error.code;
    throw new Error(`round ${round}`, { cause: error });
  }
}

async function fuzz(
  name: string,
  seed: number,
  make: (random: RandomState) => Buffer,
  read: (file: string) => Promise<unknown>,
) {
  const place = join(folder, name);
  await mkdir(place);
  const file = join(place, name);
  const random = new RandomState(seed);
  const before = process.resourceUsage().maxRSS;
  const outcomes = new Set<string>();
  for (let round = 0; round < 300; round++) {
    await writeFile(file, make(random));
    outcomes.add(await outcome(() => read(file), round));
  }
  // Files of a few KiB: what is allocated for them stays far below this, in KiB.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 * 1024);
  expect(await readdir(place)).toEqual([name]);
  expect(await readdir(scratch).catch(() => [])).toEqual([]);
  return [...outcomes].sort();
}

async function readArchive(file: string): Promise<void> {
  const source = await openSource(archive, file, scratch);
  try {
    const all = await readAll(source);
    expect(Object.keys(all)).toHaveLength(source.count);
    for (const path of Object.keys(all)) expect(path).not.toMatch(/^\/|\\|\0|(^|\/)\.\.?(\/|$)|^$/);
  } finally {
    await source.close();
  }
}

describe('300 mutations each, of', () => {
  it('a zip', async () => {
    expect(await fuzz('a.zip', 1, (random) => mutated(zip, random), readArchive)).toEqual([
      'done',
      'source-invalid',
    ]);
  });

  it('a tar', async () => {
    expect(await fuzz('a.tar', 2, (random) => mutated(tar, random), readArchive)).toEqual([
      'done',
      'source-invalid',
    ]);
  });

  it('a tar with right checksums', async () => {
    const outcomes = await fuzz('b.tar', 3, mutatedTar, readArchive);
    expect(outcomes).toEqual(['done', 'source-empty', 'source-invalid']);
  });

  it('a gzipped tar, outside and inside', async () => {
    const packed = gzipSync(tar);
    expect(gunzipSync(packed)).toEqual(tar);
    const make = (random: RandomState) =>
      random.randint(2) ? mutated(packed, random) : gzipSync(mutatedTar(random));
    expect(await fuzz('a.tgz', 4, make, readArchive)).toEqual(['done', 'source-empty', 'source-invalid']);
  });

  it.each([
    ['classes.csv', 5, csv],
    ['numbers.csv', 6, numbers],
    ['dataset.json', 7, styleGan],
    ['lists.json', 8, lists],
    ['labels', 9, Buffer.concat([styleGan, csv])],
  ])('%s', async (name, seed, content) => {
    const outcomes = await fuzz(
      name,
      seed,
      (random) => mutated(content, random),
      async (file) => {
        const labels = await readSidecarLabels(file);
        for (const path of ['a/1.jpg', 'a.jpg', 'b.png', 'x/c.jpg', ''])
          for (const value of labels.of(path) ?? []) expect(Number.isFinite(value)).toBe(true);
      },
    );
    expect(outcomes).toContain('annotation-invalid');
    expect(['annotation-invalid', 'done']).toEqual(expect.arrayContaining(outcomes));
  });
});
