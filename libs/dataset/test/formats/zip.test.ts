import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { archive } from '../../src/sources/archive.js';
import { temporaryFolder } from '../folder.js';
import { failure, openSource, readAll } from '../sources/opening.js';
import { zipOf, type ZipPart } from './archives.js';

const folder = temporaryFolder();
const scratch = join(folder, 'scratch');
const bytes = (text: string) => Buffer.from(text);
let files = 0;

async function put(content: Buffer): Promise<string> {
  const file = join(folder, `${files++}.zip`);
  await writeFile(file, content);
  return file;
}

async function contents(parts: readonly ZipPart[], options = {}) {
  const source = await openSource(archive, await put(zipOf(parts, options)), scratch);
  return { others: source.others, all: await readAll(source) };
}

describe('a zip archive', () => {
  it('gives stored and deflated members, sorted by code unit', async () => {
    const { all, others } = await contents([
      { name: 'b/2.png', bytes: bytes('two') },
      { name: 'a.jpg', bytes: bytes('one'.repeat(1000)), deflate: true },
      { name: 'Z.jpg', bytes: bytes('zed') },
      { name: 'b/', bytes: bytes('') },
      { name: 'empty.gif' },
      { name: 'empty-too.gif', deflate: true },
      { name: 'notes.txt', bytes: bytes('no picture') },
    ]);
    expect(Object.entries(all)).toEqual([
      ['Z.jpg', 'zed'],
      ['a.jpg', 'one'.repeat(1000)],
      ['b/2.png', 'two'],
      ['empty-too.gif', ''],
      ['empty.gif', ''],
    ]);
    expect(others).toBe(1);
  });

  it('may be zip64, member by member and as a whole', async () => {
    const parts = ['1.jpg', '2.jpg'].map((name) => ({
      name,
      bytes: bytes(name),
      zip64: true,
      deflate: true,
    }));
    expect((await contents(parts, { zip64: true })).all).toEqual({ '1.jpg': '1.jpg', '2.jpg': '2.jpg' });
    expect((await contents(parts)).all).toEqual({ '1.jpg': '1.jpg', '2.jpg': '2.jpg' });
  });

  it('whose count wrapped around, being written without zip64, is refused', async () => {
    const parts = ['1.jpg', '2.jpg', '3.jpg'].map((name) => ({ name }));
    const file = await put(zipOf(parts, { count: 65_536 + 2 }));
    expect(await failure(openSource(archive, file, scratch))).toBe(
      `source-invalid: ${file}: is no sound zip archive (its list goes on after the 2 members it counts); fetch or pack it again`,
    );
  });

  it('leaves out and counts names that point out of it, links, and all but the last of equal names', async () => {
    const one = bytes('x');
    const { all, others } = await contents([
      { name: '/etc/a.jpg', bytes: one },
      { name: '../b.jpg', bytes: one },
      { name: 'a/../../c.jpg', bytes: one },
      { name: 'C:\\d.jpg', bytes: one },
      { name: '..\\e.jpg', bytes: one },
      { name: 'zero\0.jpg', bytes: one },
      { name: 'link.jpg', bytes: bytes('a.jpg'), unixMode: 0o120777 },
      { name: 'same.jpg', bytes: bytes('first') },
      { name: 'same.jpg', bytes: bytes('last') },
      { name: './same.jpg', bytes: bytes('very last') },
    ]);
    expect(all).toEqual({ 'same.jpg': 'very last' });
    expect(others).toBe(9);
  });

  it('takes odd names as they are, and backslashes as Windows means them', async () => {
    const names = ['a\nb.jpg', `it's "x".jpg`, 'folder\\c.jpg', 'ж.jpg', ' .jpg', '$(id).jpg'];
    const { all } = await contents(names.map((name) => ({ name, bytes: bytes('x'), utf8: true })));
    expect(Object.keys(all)).toEqual([
      ' .jpg',
      '$(id).jpg',
      'a\nb.jpg',
      'folder/c.jpg',
      `it's "x".jpg`,
      'ж.jpg',
    ]);
  });

  it('reads names as UTF-8 also without the mark, and as CP437 when they are none', async () => {
    const { all } = await contents([{ name: 'ä.jpg' }, { name: Buffer.from([0x84, ...bytes('-2.jpg')]) }]);
    expect(Object.keys(all)).toEqual(['ä-2.jpg', 'ä.jpg']);
  });

  it('hidden members are as hidden files: not there', async () => {
    const { all, others } = await contents([
      { name: 'a.jpg' },
      { name: '.b.jpg' },
      { name: '__MACOSX/._a.jpg' },
      { name: '.git/c.jpg' },
    ]);
    expect([Object.keys(all), others]).toEqual([['a.jpg'], 0]);
  });

  it('says why a member cannot be had, and gives the others', async () => {
    const long = bytes('0123456789'.repeat(500));
    const { all } = await contents([
      { name: 'bomb.jpg', bytes: Buffer.alloc(300_000), deflate: true, lie: { size: 1000 } },
      { name: 'crc.jpg', bytes: bytes('x'), lie: { crc: 1 } },
      { name: 'cut.jpg', bytes: long, deflate: true, lie: { stored: 10 } },
      { name: 'huge.jpg', bytes: bytes('x'), deflate: true, lie: { size: 2 ** 32 - 2 } },
      { name: 'lost.jpg', bytes: bytes('x'), lie: { offset: 1 } },
      { name: 'far.jpg', bytes: bytes('x'), zip64: true, lie: { offset: 2 ** 53 } },
      { name: 'long.jpg', bytes: bytes('x'), lie: { stored: 100_000, size: 100_000 } },
      { name: 'method.jpg', bytes: bytes('x'), lie: { method: 93 } },
      { name: 'secret.jpg', bytes: bytes('x'), lie: { flags: 1 } },
      { name: 'short.jpg', bytes: long, deflate: true, lie: { size: 5001 } },
      { name: 'stored.jpg', bytes: long, lie: { size: 1 } },
      { name: 'swollen.jpg', bytes: bytes('x'), deflate: true, lie: { stored: 400_000 } },
      { name: 'well.jpg', bytes: bytes('well') },
    ]);
    expect(all).toEqual({
      'bomb.jpg': 'unreadable: unpacks to more than the 1000 bytes announced',
      'crc.jpg': 'unreadable: its CRC-32 is not the one in the archive',
      'cut.jpg': 'unreadable: unexpected end of file',
      'huge.jpg': 'too-large: 4294967294 bytes, most is 536870912',
      'lost.jpg': 'unreadable: no member begins at byte 1 of the archive',
      'far.jpg': 'unreadable: no member begins at byte 9007199254740992 of the archive',
      'long.jpg': expect.stringMatching(
        /^unreadable: 100000 bytes at byte \d+ reach beyond the archive's \d+$/,
      ),
      'method.jpg': 'unreadable: compression method 93 of the archive is not read, only 0 and 8 (deflate)',
      'secret.jpg': 'unreadable: encrypted in the archive; unpack it with the password first',
      'short.jpg': 'unreadable: unpacks to 5000 bytes, 5001 were announced',
      'stored.jpg': 'unreadable: 5000 bytes in the archive cannot be 1 bytes unpacked',
      'swollen.jpg': 'unreadable: 400000 bytes in the archive cannot be 1 bytes unpacked',
      'well.jpg': 'well',
    });
  });

  it('members that share their bytes are bounded by their number', async () => {
    const packed = deflateRawSync(Buffer.alloc(100_000));
    const parts = Array.from({ length: 50 }, (_, i) => ({
      name: `${i}.jpg`,
      ...(i === 0 ? { bytes: Buffer.alloc(100_000), deflate: true } : { bytes: Buffer.alloc(0) }),
      ...(i > 0 && { lie: { offset: 0, size: 100_000, stored: packed.length, method: 8, crc: 0 } }),
    }));
    const { all } = await contents(parts);
    expect(Object.values(all).filter((text) => text.includes('CRC-32'))).toHaveLength(49);
  });

  it('that is none, or whose list is damaged, is refused with its name', async () => {
    const sound = zipOf([{ name: 'a.jpg', bytes: bytes('x') }]);
    const cut = await put(sound.subarray(0, -30));
    expect(await failure(openSource(archive, cut, scratch))).toMatch(
      /^source-invalid: .*\.zip: is no sound zip archive \(End of central directory record signature not found\..*\); fetch or pack it again$/,
    );
    const far = Buffer.from(zipOf([{ name: 'a.jpg' }], { zip64: true }));
    far.fill(0xff, far.length - 22 - 12, far.length - 22 - 4);
    expect(await failure(openSource(archive, await put(far), scratch))).toMatch(
      /56 bytes at byte 1844674407\d+ of/,
    );
    const text = await put(bytes('PK is how zip archives begin'));
    expect(await failure(openSource(archive, text, scratch))).toMatch(/is no archive we read/);
    const empty = await put(zipOf([]));
    expect(await failure(openSource(archive, empty, scratch))).toMatch(
      /^source-empty: .*: holds no pictures \(0 other members\); expected \.jpg/,
    );
  });

  it('that changes while it is read ends the build', async () => {
    const file = await put(zipOf([{ name: 'a.jpg', bytes: bytes('x') }]));
    const source = await openSource(archive, file, scratch);
    await writeFile(file, zipOf([{ name: 'a.jpg', bytes: bytes('longer') }]));
    expect(await failure(source.read(0))).toMatch(/^source-changed: .*run the same command again/);
  });

  it.skipIf(!existsSync('/usr/bin/zip'))('of the zip program is read', async () => {
    const made = join(folder, 'made');
    await mkdir(join(made, 'sub'), { recursive: true });
    await writeFile(join(made, 'ä.jpg'), 'one '.repeat(100));
    await writeFile(join(made, 'sub/2.jpg'), 'two');
    const file = join(folder, 'made.zip');
    execFileSync('zip', ['-qr', file, '.'], { cwd: made });
    const source = await openSource(archive, file, scratch);
    expect(await readAll(source)).toEqual({ 'sub/2.jpg': 'two', 'ä.jpg': 'one '.repeat(100) });
  });
});
