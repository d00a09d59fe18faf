import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { archive } from '../../src/sources/archive.js';
import { folder as folderKind } from '../../src/sources/folder.js';
import { temporaryFolder } from '../folder.js';
import { tarOf, zipOf } from '../formats/archives.js';
import { failure, openSource, readAll } from './opening.js';

const folder = temporaryFolder();
const scratch = join(folder, 'scratch');
const bytes = (text: string) => Buffer.from(text);
let folders = 0;

/** A folder of its own with these files. */
async function made(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const root = join(folder, `source ${folders++}`);
  await mkdir(root);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

describe('a folder', () => {
  it('gives its pictures and those of subfolders, by code unit, and counts the rest', async () => {
    const root = await made({
      'b.JPG': 'b',
      'a/z.png': 'z',
      'a.webp': 'a',
      'B.heic': 'B',
      'a/deep/er/y.tiff': 'y',
      [`it's "x"\n.jpg`]: 'odd',
      '.hidden.jpg': 'x',
      '.git/x.jpg': 'x',
      'drawing.svg': 'x',
      'notes.txt': 'x',
    });
    const source = await openSource(folderKind, root, scratch);
    expect(Object.entries(await readAll(source))).toEqual([
      ['B.heic', 'B'],
      ['a.webp', 'a'],
      ['a/deep/er/y.tiff', 'y'],
      ['a/z.png', 'z'],
      ['b.JPG', 'b'],
      [`it's "x"\n.jpg`, 'odd'],
    ]);
    expect(source).toMatchObject({ count: 6, others: 2, labels: null, landmarks: null });
  });

  it('follows links, ends circles, and reports links to nothing', async () => {
    const root = await made({ 'a/1.jpg': 'one' });
    const elsewhere = await made({ '2.jpg': 'two' });
    await symlink(root, join(root, 'a/circle'));
    await symlink(elsewhere, join(root, 'b'));
    await symlink(elsewhere, join(root, 'c')); // the same once more
    await symlink(join(elsewhere, '2.jpg'), join(root, 'linked.jpg'));
    await symlink('nowhere', join(root, 'broken.jpg'));
    await symlink('self.jpg', join(root, 'self.jpg'));
    expect(await readAll(await openSource(folderKind, root, scratch))).toEqual({
      'a/1.jpg': 'one',
      'a/circle': 'folder-again: its pictures are there already',
      'b/2.jpg': 'two',
      'broken.jpg': 'unreadable: ENOENT',
      c: 'folder-again: its pictures are there already',
      'linked.jpg': 'two',
      'self.jpg': 'unreadable: ELOOP',
    });
  });

  // The superuser reads everything.
  it.skipIf(process.getuid?.() === 0)('reports a subfolder that cannot be read, and goes on', async () => {
    const root = await made({ 'a/1.jpg': 'one', 'b/2.jpg': 'two' });
    await chmod(join(root, 'a'), 0);
    expect(await readAll(await openSource(folderKind, root, scratch))).toEqual({
      a: 'folder-unreadable: EACCES',
      'b/2.jpg': 'two',
    });
    await chmod(join(root, 'a'), 0o755);
  });

  it.skipIf(process.platform !== 'linux')(
    'reports names that are not UTF-8, pipes and huge files',
    async () => {
      const root = await made({ 'a.jpg': 'a', 'huge.jpg': '' });
      await writeFile(Buffer.concat([bytes(`${root}/caf`), Buffer.from([0xe9]), bytes('.jpg')]), 'x');
      execFileSync('mkfifo', [join(root, 'pipe.jpg'), join(root, 'pipe.zip')]);
      execFileSync('truncate', ['-s', '513M', join(root, 'huge.jpg')]);
      const source = await openSource(folderKind, root, scratch);
      expect(await readAll(source)).toEqual({
        'a.jpg': 'a',
        'caf\ufffd.jpg': 'unreadable: ENOENT',
        'huge.jpg': 'too-large: 537919488 bytes, most is 536870912',
        'pipe.jpg': 'unreadable: not a regular file',
      });
      expect(source.others).toBe(1);
      await rm(join(root, 'huge.jpg'));
    },
  );

  it('opens the archives in it, in the place of their names', async () => {
    const tar = tarOf([{ name: 'in/t.jpg', bytes: bytes('t') }, { name: 'x.txt' }]);
    const root = await made({
      'sub/m.zip': zipOf([
        { name: 'z/2.jpg', bytes: bytes('z2') },
        { name: '1.jpg', bytes: bytes('z1'), deflate: true },
      ]),
      'sub/m-tar.tar': tar,
      'sub/m.zip.jpg': 'beside',
      'sub/a.jpg': 'a',
      'sub/n.jpg': 'n',
      'x.tar.gz': gzipSync(tar),
      'y.tgz': gzipSync(tarOf([{ name: 'y.jpg', bytes: bytes('y') }])),
      'none.zip': zipOf([]),
    });
    const source = await openSource(folderKind, root, scratch);
    expect(Object.entries(await readAll(source))).toEqual([
      ['sub/a.jpg', 'a'],
      ['sub/m-tar.tar/in/t.jpg', 't'],
      ['sub/m.zip.jpg', 'beside'],
      ['sub/m.zip/1.jpg', 'z1'],
      ['sub/m.zip/z/2.jpg', 'z2'],
      ['sub/n.jpg', 'n'],
      ['x.tar.gz/in/t.jpg', 't'],
      ['y.tgz/y.jpg', 'y'],
    ]);
    expect(source.others).toBe(2);
    await source.close();
  });

  it('the same pictures have the same paths packed and unpacked', async () => {
    const names = ['b/1.jpg', 'a.jpg', 'b.jpg', 'b-1.jpg', 'B/ä.png', 'b/c/d/e.gif'];
    const files = Object.fromEntries(names.map((name) => [name, name]));
    const parts = names.map((name) => ({ name, bytes: bytes(name) }));
    const unpacked = await readAll(await openSource(folderKind, await made(files), scratch));
    const archives = await made({
      'a.zip': zipOf(parts),
      'b.tar': tarOf(parts),
      'c.tgz': gzipSync(tarOf(parts)),
    });
    for (const name of ['a.zip', 'b.tar', 'c.tgz']) {
      const source = await openSource(archive, join(archives, name), scratch);
      expect(Object.entries(await readAll(source))).toEqual(Object.entries(unpacked));
      await source.close();
    }
  });

  it('has a damaged archive in its list, as a picture that cannot be had, without absolute paths', async () => {
    const zip = zipOf([{ name: '1.jpg', bytes: bytes('z1') }]);
    const gzipped = gzipSync(tarOf([{ name: 'y.jpg', bytes: Buffer.alloc(9000, 7) }]));
    const root = await made({
      'a.jpg': 'a',
      'b/c.zip': 'text',
      'b/cut.zip': zip.subarray(0, zip.length - 5),
      'b/d.zip': zip,
      'cut.tgz': gzipped.subarray(0, gzipped.length - 9),
      'z.jpg': 'z',
    });
    const source = await openSource(folderKind, root, scratch);
    const all = await readAll(source);
    expect(Object.keys(all)).toEqual(['a.jpg', 'b/c.zip', 'b/cut.zip', 'b/d.zip/1.jpg', 'cut.tgz', 'z.jpg']);
    expect(all).toMatchObject({ 'a.jpg': 'a', 'b/d.zip/1.jpg': 'z1', 'z.jpg': 'z' });
    expect(all['b/c.zip']).toMatch(/^archive-invalid: is no archive we read .*; unpack it, or move it away$/);
    expect(all['b/cut.zip']).toMatch(/^archive-invalid: /);
    expect(all['cut.tgz']).toMatch(/^archive-invalid: is no sound gzip file/);
    expect(JSON.stringify(all)).not.toContain(root);
    await source.close();
  });

  it('without pictures is refused', async () => {
    const root = await made({ 'a.txt': 'x', 'b.zip': zipOf([{ name: 'c.txt' }]) });
    expect(await failure(openSource(folderKind, root, scratch))).toBe(
      `source-empty: ${root}: holds no pictures (2 other files); expected .jpg, .png, .webp, .tif, … there or in subfolders`,
    );
    expect(await failure(openSource(folderKind, join(root, 'nowhere'), scratch))).toMatch(
      /^source-missing: .*nowhere: no such folder \(ENOENT\); name a folder of pictures with --source$/,
    );
  });

  it('a picture that vanishes ends the build', async () => {
    const root = await made({ 'a.jpg': 'a' });
    const source = await openSource(folderKind, root, scratch);
    await rm(join(root, 'a.jpg'));
    expect(await failure(source.read(0))).toMatch(/^source-changed: .*is gone since the build began/);
  });

  it.skipIf(process.getuid?.() === 0)(
    'a picture without permission is reported without its folder',
    async () => {
      const root = await made({ 'a.jpg': 'a' });
      await chmod(join(root, 'a.jpg'), 0);
      expect(await readAll(await openSource(folderKind, root, scratch))).toEqual({
        'a.jpg': 'unreadable: EACCES',
      });
    },
  );
});

describe('one picture', () => {
  it('is a source of one', async () => {
    const root = await made({ 'a.jpg': 'a', 'b.txt': 'b' });
    const source = await openSource(folderKind, join(root, 'a.jpg'), scratch);
    expect(await readAll(source)).toEqual({ 'a.jpg': 'a' });
    expect(await failure(openSource(folderKind, join(root, 'b.txt'), scratch))).toMatch(
      /^source-missing: .*is a file and not named like a picture/,
    );
  });
});

describe('recognising', () => {
  it('goes by first bytes for archives, by kind of file for folders', async () => {
    const tar = tarOf([{ name: 'a.jpg' }]);
    const root = await made({
      zip: zipOf([{ name: 'a.jpg' }]),
      tar,
      tgz: gzipSync(tar),
      'idx.gz': gzipSync(Buffer.alloc(1000)),
      'text.zip': 'PK',
      empty: '',
      'a.jpg': 'x',
    });
    const recognised = async (name: string) => [
      await archive.recognises(join(root, name)),
      await folderKind.recognises(join(root, name)),
    ];
    for (const name of ['zip', 'tar', 'tgz']) expect(await recognised(name)).toEqual([true, false]);
    for (const name of ['idx.gz', 'text.zip', 'empty', 'nowhere'])
      expect(await recognised(name)).toEqual([false, false]);
    for (const name of ['a.jpg', '.']) expect(await recognised(name)).toEqual([false, true]);
  });
});
