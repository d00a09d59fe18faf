import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openIdx, readIdxVector } from '../../src/formats/idx.js';
import { temporaryFolder } from '../folder.js';
import { failure } from '../sources/opening.js';
import { idxBytes } from './idx-writer.js';

const folder = temporaryFolder();
const data = Uint8Array.from({ length: 3 * 2 * 4 }, (_, i) => i);
const sound = idxBytes([3, 2, 4], data);

async function file(bytes: Uint8Array, name = 'x.idx'): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

/** Message without the folder. */
const refusal = async (bytes: Uint8Array, axes = 3) =>
  (await failure(openIdx(await file(bytes), axes))).replace(`${folder}/`, '');

describe('idx files', () => {
  it.each([
    ['plain', sound, {}],
    ['plain, in memory', sound, { resident: true }],
    ['gzipped', gzipSync(sound), {}],
  ])('%s: shape and items', async (_, bytes, options) => {
    const idx = await openIdx(await file(bytes), 3, options);
    expect(idx.shape).toEqual([3, 2, 4]);
    expect([...(await idx.item(0))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...(await idx.item(2))]).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
    await idx.close();
  });

  it('items are copies', async () => {
    const idx = await openIdx(await file(sound), 3, { resident: true });
    (await idx.item(1)).fill(99);
    expect((await idx.item(1))[0]).toBe(8);
  });

  it('one axis', async () => {
    const bytes = idxBytes([5], Uint8Array.of(1, 2, 3, 4, 5));
    expect([...(await readIdxVector(await file(bytes)))]).toEqual([1, 2, 3, 4, 5]);
    expect([...(await readIdxVector(await file(gzipSync(bytes))))]).toEqual([1, 2, 3, 4, 5]);
    expect([...(await readIdxVector(await file(idxBytes([0], new Uint8Array()))))]).toEqual([]);
  });
});

describe('what is no such file is refused by name and reason', () => {
  const expected = '; expected an idx file of unsigned bytes with 3 axes (it starts with the bytes 0 0 8 3)';

  it.each([
    ['nothing', Buffer.alloc(0), "ends after 0 of the header's 16 bytes"],
    ['half a header', sound.subarray(0, 10), "ends after 10 of the header's 16 bytes"],
    ['another file', Buffer.from('<!DOCTYPE html> not found'), 'starts with the bytes 60 33 68 79'],
    ['labels', idxBytes([30], new Uint8Array(30)), 'has 1 axes'],
    ['floats', idxBytes([1, 1, 1], new Uint8Array(4), 13), 'holds 32-bit floats'],
    ['an unknown type', idxBytes([1, 1, 1], new Uint8Array(4), 77), 'holds elements of type 77'],
    ['flat items', idxBytes([3, 0, 4], new Uint8Array()), 'has items of no elements (3x0x4)'],
  ])('%s', async (_, bytes, reason) => {
    expect(await refusal(bytes)).toBe(`source-invalid: x.idx: ${reason}${expected}`);
  });

  it('a cut file', async () => {
    expect(await refusal(sound.subarray(0, 39))).toBe(
      'source-invalid: x.idx: its header promises 3x2x4 elements, 40 bytes with the header; it has 39 bytes',
    );
  });

  it('a longer file', async () => {
    expect(await refusal(Buffer.concat([sound, Buffer.alloc(1)]))).toMatch(
      /40 bytes with the header; it has 41 bytes/,
    );
  });

  it('a gzipped one that holds more than its header says is not unpacked further', async () => {
    const bomb = gzipSync(idxBytes([1, 28, 28], new Uint8Array(50_000_000)));
    expect(await refusal(bomb)).toBe('source-invalid: x.idx: unpacks to more than the expected 800 bytes');
  });

  it('a header that promises what no gzip can hold takes no memory', async () => {
    const bytes = gzipSync(idxBytes([0xffffffff, 0xffffffff, 0xffffffff], new Uint8Array(100)));
    expect(await refusal(bytes)).toMatch(/it has \d+ gzipped bytes/);
  });

  it('damaged gzip', async () => {
    const bytes = gzipSync(sound);
    expect(await refusal(bytes.subarray(0, bytes.length - 6))).toMatch(
      /gzip data is damaged \(.*\); download it again/,
    );
    bytes[bytes.length - 8]! ^= 1; // its checksum
    expect(await refusal(bytes)).toMatch(/gzip data is damaged/);
  });

  it('a folder, and nothing', async () => {
    await mkdir(join(folder, 'sub'));
    expect(await failure(openIdx(join(folder, 'sub'), 3))).toMatch(
      /^source-missing: .*sub: is a folder; expected an idx file/,
    );
    expect(await failure(openIdx(join(folder, 'none'), 3))).toMatch(
      /^source-missing: .*none: cannot be read \(ENOENT\)/,
    );
  });
});
