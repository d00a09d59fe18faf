import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { archive } from '../../src/sources/archive.js';
import { temporaryFolder } from '../folder.js';
import { failure, openSource, readAll } from '../sources/opening.js';
import { paxRecords, tarHeader, tarOf, withChecksum, type TarPart } from './archives.js';

const folder = temporaryFolder();
const scratch = join(folder, 'scratch');
const bytes = (text: string) => Buffer.from(text);
const long = `${'folder/'.repeat(30)}picture.jpg`;
let files = 0;

async function put(content: Buffer): Promise<string> {
  const file = join(folder, `${files++}.archive`);
  await writeFile(file, content);
  return file;
}

async function contents(parts: readonly TarPart[]) {
  const source = await openSource(archive, await put(tarOf(parts)), scratch);
  return { others: source.others, all: await readAll(source) };
}

async function refusal(content: Buffer): Promise<string> {
  const file = await put(content);
  return (await failure(openSource(archive, file, scratch))).replace(file, 'FILE');
}

describe('a tar archive', () => {
  it('gives its members, sorted by code unit', async () => {
    const { all, others } = await contents([
      { name: './', type: '5' },
      { name: './b/2.jpg', bytes: bytes('two') },
      { name: 'a.png', bytes: Buffer.alloc(70_000, 'one') },
      { name: 'old.jpg', bytes: bytes('old'), type: '\0' },
      { name: 'Z.gif' },
      { name: 'notes.txt', bytes: bytes('no picture') },
      { name: 'b/device.jpg', type: '3' },
      { name: 'b/link.jpg', type: '2', link: 'a.png' },
    ]);
    expect(Object.entries(all)).toEqual([
      ['Z.gif', ''],
      ['a.png', Buffer.alloc(70_000, 'one').toString()],
      ['b/2.jpg', 'two'],
      ['old.jpg', 'old'],
    ]);
    expect(others).toBe(3);
  });

  it.each<[string, TarPart[]]>([
    ['ustar', [{ name: 'picture.jpg', prefix: 'folder/'.repeat(20).slice(0, -1), bytes: bytes('x') }]],
    [
      'GNU',
      [
        { name: '././@LongLink', type: 'L', bytes: bytes(`${long}\0`), gnu: true },
        { name: long.slice(0, 100), bytes: bytes('x'), gnu: true },
      ],
    ],
    [
      'pax',
      [
        { name: 'header', type: 'x', bytes: paxRecords({ mtime: '1.5', path: long, size: '1' }) },
        { name: long.slice(0, 100), bytes: bytes('x') },
      ],
    ],
  ])('may have long names as %s writes them', async (kind, parts) => {
    const { all } = await contents([{ name: 'g', type: 'g', bytes: paxRecords({ comment: 'c' }) }, ...parts]);
    expect(all).toEqual({ [kind === 'ustar' ? `${'folder/'.repeat(20)}picture.jpg` : long]: 'x' });
  });

  it('long names are for the next member only', async () => {
    const { all } = await contents([
      { name: 'h', type: 'x', bytes: paxRecords({ path: 'named.jpg', size: '3' }) },
      { name: 'a.jpg', bytes: bytes('abc'), size: 0 },
      { name: 'b.jpg', bytes: bytes('defg') },
    ]);
    expect(all).toEqual({ 'named.jpg': 'abc', 'b.jpg': 'defg' });
  });

  it('hard links are the pictures that they link to; of equal names the last stays', async () => {
    const { all, others } = await contents([
      { name: 'a.jpg', bytes: bytes('first') },
      { name: 'c/b.jpg', type: '1', link: './a.jpg' },
      { name: 'nothing.jpg', type: '1', link: 'missing.jpg' },
      { name: 'a.jpg', bytes: bytes('last') },
    ]);
    expect(all).toEqual({ 'a.jpg': 'last', 'c/b.jpg': 'first' });
    expect(others).toBe(2);
  });

  it('leaves out and counts names that point out of it', async () => {
    const names = [
      '/a.jpg',
      '../b.jpg',
      'c/../../d.jpg',
      '..\\e.jpg',
      'C:f.jpg',
      'x\ny "z".jpg',
      '.hidden.jpg',
    ];
    const { all, others } = await contents(names.map((name) => ({ name, bytes: bytes('x') })));
    expect([Object.keys(all), others]).toEqual([['x\ny "z".jpg'], 5]);
  });

  it('a member of more than 512 MiB is too large, and nothing is allocated for it', async () => {
    const size = 2 ** 30 + 1;
    const [start, end] = [tarHeader({ name: 'big.jpg', size, binarySize: true }), Buffer.alloc(1024)];
    const file = await put(start);
    const handle = await open(file, 'r+');
    await handle.write(end, 0, 1024, 512 + Math.ceil(size / 512) * 512); // the file has a hole
    await handle.close();
    expect(await readAll(await openSource(archive, file, scratch))).toEqual({
      'big.jpg': `too-large: ${size} bytes, most is 536870912`,
    });
  });

  it('damaged, cut or sparse archives are refused with the place', async () => {
    const sound = tarOf([
      { name: 'a.jpg', bytes: bytes('x') },
      { name: 'b.jpg', bytes: bytes('y') },
    ]);
    const broken = Buffer.from(sound);
    broken[1024]! ^= 1;
    expect(await refusal(broken)).toBe(
      'source-invalid: FILE: byte 1024: expected the header of a tar member, its checksum is wrong; fetch or pack it again',
    );
    expect(await refusal(sound.subarray(0, 1600))).toMatch(/byte 2048: .* ends without its end mark/);
    expect(await refusal(sound.subarray(0, 1024))).toMatch(
      /byte 1024: .* ends without its end mark, it may be cut/,
    );
    expect(await refusal(tarOf([{ name: 'a.jpg', size: 5000 }]))).toMatch(
      /byte 0: the tar member has 5000 bytes, 1024 are left; the archive is cut off/,
    );
    expect(await refusal(tarOf([{ name: 'a.jpg', type: 'S' }]))).toMatch(
      /sparse; pack it again without --sparse/,
    );
    const sparse = paxRecords({ 'GNU.sparse.major': '1' });
    expect(await refusal(tarOf([{ name: 'h', type: 'x', bytes: sparse }, { name: 'a.jpg' }]))).toMatch(
      /is sparse/,
    );
    expect(await refusal(tarOf([{ name: 'a.jpg', type: 'M' }]))).toMatch(/join the volumes/);
    expect(await refusal(tarOf([{ name: 'h', type: 'x', bytes: bytes('99 path=a\n') }]))).toMatch(
      /do not add up/,
    );
    expect(await refusal(tarOf([{ name: 'h', type: 'L', bytes: Buffer.alloc(2 ** 20 + 1) }]))).toMatch(
      /an extended tar header of 1048577 bytes, most is 1048576/,
    );
    const letters = withChecksum(Buffer.concat([tarHeader({ name: 'a.jpg' })]).fill('9', 124, 135));
    expect(await refusal(Buffer.concat([letters, Buffer.alloc(1024)]))).toMatch(
      /size of the tar member is no number/,
    );
  });
});

describe('a gzipped tar', () => {
  const parts = [
    { name: 'a/1.jpg', bytes: bytes('one') },
    { name: 'a/2.jpg', bytes: Buffer.alloc(100_000, 2) },
  ];

  it('is unpacked to the scratch folder, and taken away when it is closed', async () => {
    const source = await openSource(archive, await put(gzipSync(tarOf(parts))), scratch);
    expect(Object.keys(await readAll(source))).toEqual(['a/1.jpg', 'a/2.jpg']);
    expect(await readdir(scratch)).toEqual(['archive-0.tar']);
    await source.close();
    expect(await readdir(scratch)).toEqual([]);
  });

  it('that is damaged, or holds nothing, leaves nothing behind', async () => {
    const sound = gzipSync(tarOf(parts), { level: 0 });
    expect(await refusal(sound.subarray(0, -5000))).toBe(
      'source-invalid: FILE: is no sound gzip file (unexpected end of file); fetch it again',
    );
    expect(await refusal(gzipSync(tarOf([{ name: 'a.txt' }])))).toMatch(
      /^source-empty: .*\(1 other members\)/,
    );
    expect(await refusal(gzipSync(tarOf(parts, { end: false })))).toMatch(/FILE: byte 101888: .* end mark/);
    expect(await refusal(gzipSync(bytes('x'.repeat(1000))))).toMatch(/is no archive we read/);
    expect(await readdir(scratch)).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/full'))('that finds no room says where and what to do', async () => {
    const full = join(folder, 'full');
    await mkdir(full);
    await symlink('/dev/full', join(full, 'archive-0.tar'));
    const file = await put(gzipSync(tarOf(parts)));
    expect(await failure(openSource(archive, file, full))).toMatch(
      /^output-failed: .* cannot be unpacked to .*archive-0\.tar \(ENOSPC.*\); make room there, or unpack it yourself/,
    );
    expect(await readdir(full)).toEqual([]);
  });
});

describe.skipIf(!existsSync('/usr/bin/tar'))('archives of the tar program', () => {
  it.each(['gnu', 'pax', 'ustar', 'oldgnu'])('%s', async (format) => {
    const made = join(folder, `made-${format}`);
    const deep = format === 'ustar' ? 'd/'.repeat(60) : 'd/'.repeat(90);
    await mkdir(join(made, deep), { recursive: true });
    await writeFile(join(made, deep, 'ä.jpg'), 'deep');
    await writeFile(join(made, 'a.jpg'), 'a'.repeat(1000));
    const file = join(folder, `${format}.tgz`);
    execFileSync('tar', ['-czf', file, `--format=${format}`, '-C', made, '.']);
    const source = await openSource(archive, file, scratch);
    expect(await readAll(source)).toEqual({ 'a.jpg': 'a'.repeat(1000), [`${deep}ä.jpg`]: 'deep' });
    await source.close();
  });
});
