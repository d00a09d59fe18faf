import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cifar } from '../../src/sources/cifar.js';
import { testData } from '../faces-support.js';
import { temporaryFolder } from '../folder.js';
import { failure } from './opening.js';
import { classes, openSet, pixels } from './sets.js';

const folder = temporaryFolder();
const fixtures = resolve(import.meta.dirname, '../fixtures/pickle');
const tenNames = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

/** Records of pictures whose pixels are all `10 * label`, the last one being `label`. */
function records(...labels: (readonly number[])[]): Buffer {
  return Buffer.concat(
    labels.map((row) => Buffer.concat([Buffer.from(row), Buffer.alloc(3072, 10 * row.at(-1)!)])),
  );
}
const ten = (...labels: number[]) => records(...labels.map((label) => [label]));

async function set(name: string, files: Record<string, Uint8Array | string>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(path, file), bytes);
  return path;
}

const fixture = (name: string) => readFile(join(fixtures, `${name}.pickle`));

describe('CIFAR-10, binary', () => {
  it('files in the order of their names, the parts apart, gzipped or not', async () => {
    const path = await set('ten', {
      'data_batch_2.bin': ten(3),
      'data_batch_1.bin.gz': gzipSync(ten(9, 1)),
      'test_batch.bin': ten(7, 0),
      'other.bin': 'something else',
      'batches.meta.txt': tenNames.join('\n') + '\n\n',
      'readme.html': '',
    });
    expect(await cifar.recognises(path)).toBe(true);
    const train = await openSet(cifar, path);
    expect(train.count).toBe(3);
    expect(classes(train)).toEqual([9, 1, 3]);
    expect(train.labels!.names).toEqual(tenNames);
    expect([0, 1, 2].map((i) => train.path(i))).toEqual([
      'data_batch_1.bin.gz/00000',
      'data_batch_1.bin.gz/00001',
      'data_batch_2.bin/00000',
    ]);
    expect(await train.read(0)).toEqual({
      kind: 'pixels',
      channels: 3,
      height: 32,
      width: 32,
      data: new Uint8Array(3072).fill(90),
    });
    expect((await pixels(train, 2))[3071]).toBe(30);
    expect(train.split).toBe('train');
    await train.close();
    const test = await openSet(cifar, path, { split: 'test' });
    expect(classes(test)).toEqual([7, 0]);
    expect(test.split).toBe('test');
    await test.close();
  });

  it('a folder of any name with one file of records; classes without names are numbered', async () => {
    const path = await set('any', { 'my.bin': ten(2) });
    const source = await openSet(cifar, path);
    expect(source.labels!.names).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    await source.close();
    const file = await openSet(cifar, join(path, 'my.bin'), { split: 'test' });
    expect([file.count, file.split]).toEqual([1, undefined]);
    await file.close();
  });

  it('a file that is there packed and unpacked counts once', async () => {
    const path = await set('twice', { 'a.bin': ten(1), 'a.bin.gz': gzipSync(ten(1)) });
    expect((await openSet(cifar, path)).count).toBe(1);
  });

  it('pictures of two files read at the same time', async () => {
    const path = await set('both', { 'a.bin': ten(1, 2), 'b.bin': ten(3, 4) });
    const source = await openSet(cifar, path);
    const all = await Promise.all([0, 1, 2, 3].map((i) => pixels(source, i)));
    expect(all.map((data) => data[5])).toEqual([10, 20, 30, 40]);
  });

  it('the folder that the archive unpacks to is found', async () => {
    await set('download/cifar-10-batches-bin', { 'data_batch_1.bin': ten(4) });
    expect(await cifar.recognises(join(folder, 'download'))).toBe(true);
    expect(classes(await openSet(cifar, join(folder, 'download')))).toEqual([4]);
    await set('download/cifar-100-binary', { 'train.bin': records([1, 5]) });
    expect(await failure(openSet(cifar, join(folder, 'download')))).toMatch(
      /^source-invalid: .*download: holds cifar-10-batches-bin and cifar-100-binary; name one of them/,
    );
  });

  it.each([
    ['a label out of range', { 'a.bin': ten(1, 10) }, 'a.bin: record 1 has label 10; expected 0 to 9'],
    [
      'a part that is absent',
      { 'test_batch.bin': ten(1) },
      'has no files of the train part; found test_batch.bin',
    ],
    [
      'two sets',
      { 'a.bin': ten(1), 'b.bin': records([1, 1]) },
      'b.bin is of CIFAR-100, a.bin of CIFAR-10; expected one set',
    ],
    [
      'too few names',
      { 'a.bin': ten(1), 'batches.meta.txt': 'cat\ndog\n' },
      'batches.meta.txt: names 2 classes; expected 10 different ones',
    ],
    [
      'a cut record',
      { 'a.bin': ten(1).subarray(1) },
      'holds no pictures of CIFAR; expected a folder with the binary or Python files',
    ],
  ] as const)('%s is refused', async (name, files, message) => {
    expect(await failure(openSet(cifar, await set(name, files)))).toContain(message);
  });

  it('a damaged file with the name of a batch is not left out in silence', async () => {
    const cut = await set('cut', { 'data_batch_1.bin': ten(1), 'data_batch_2.bin': ten(1, 2).subarray(9) });
    expect(await failure(openSet(cifar, cut))).toContain(
      'data_batch_2.bin: has 6137 bytes; expected CIFAR-10 records of 3073 bytes each',
    );
    const page = await set('page', { data_batch_1: await fixture('batch-2'), data_batch_2: '<html>' });
    expect(await failure(openSet(cifar, page))).toContain(
      'data_batch_2: byte 0: has the unknown instruction 60',
    );
    expect(await failure(openSet(cifar, join(cut, 'data_batch_2.bin')))).toContain('has 6137 bytes');
  });

  it('a gzip that lies about its size is refused', async () => {
    const packed = gzipSync(ten(1, 2));
    packed.writeUInt32LE(3073, packed.length - 4);
    expect(await failure(openSet(cifar, await set('lying', { 'a.bin.gz': packed })))).toMatch(
      /^source-invalid: .*a.bin.gz: .*damaged/,
    );
  });

  it('a file that changes while it is read is noticed', async () => {
    const path = await set('changing', { 'a.bin': ten(1, 2) });
    const source = await openSet(cifar, path);
    await writeFile(join(path, 'a.bin'), ten(1));
    expect(await failure(source.read(0))).toMatch(/^source-changed: .*a.bin: has changed meanwhile/);
  });

  const real = join(testData, 'cifar10');
  it.skipIf(!existsSync(real))('the 4000 records of PGGAN_TEST_DATA', async () => {
    const source = await openSet(cifar, real);
    expect(source.count).toBe(4000);
    expect(source.labels!.names).toEqual(tenNames);
    const all = classes(source);
    expect(all.slice(0, 8)).toEqual([6, 9, 9, 4, 1, 1, 2, 7]);
    const md5 = createHash('md5');
    for (let i = 0; i < 4000; i++) md5.update(Uint8Array.of(all[i]!)).update(await pixels(source, i));
    expect(md5.digest('hex')).toBe('07704ae233cc40e200a600eed4f4e13c');
    await source.close();
  });
});

describe('CIFAR-100, binary', () => {
  it('fine or coarse classes', async () => {
    const fine = Array.from({ length: 100 }, (_, i) => `fine ${i}`).join('\n');
    const coarse = Array.from({ length: 20 }, (_, i) => `coarse ${i}`).join('\n');
    const path = await set('hundred', {
      'train.bin': records([19, 99], [0, 5]),
      'test.bin': records([1, 1]),
      'fine_label_names.txt': fine,
      'coarse_label_names.txt': coarse,
    });
    const source = await openSet(cifar, path);
    expect([classes(source), source.labels!.names[99]]).toEqual([[99, 5], 'fine 99']);
    expect((await pixels(source, 1))[0]).toBe(50);
    const groups = await openSet(cifar, path, { coarse: true });
    expect([classes(groups), groups.labels!.names[19]]).toEqual([[19, 0], 'coarse 19']);
  });

  it('a size that fits both sets goes by the name', async () => {
    const both = Buffer.alloc(3073 * 3074);
    expect((await openSet(cifar, await set('both-100', { 'train.bin': both }))).count).toBe(3073);
    expect((await openSet(cifar, await set('both-10', { 'data_batch_1.bin': both }))).count).toBe(3074);
  });

  it('CIFAR-10 has no coarse classes', async () => {
    const path = await set('coarse-10', { 'a.bin': ten(1) });
    expect(await failure(openSet(cifar, path, { coarse: true }))).toMatch(
      /^option-invalid: .*: CIFAR-10 has no coarse classes; leave out --coarse/,
    );
  });
});

describe('Python files', () => {
  it.each(['python2', '0', '1', '2', '4', '5'])('CIFAR-10 in pickles of form %s', async (form) => {
    const path = await set(`py-${form}/cifar-10-batches-py`, {
      data_batch_1: await fixture(`batch-${form}`),
      data_batch_2: await fixture(`batch-${form}`),
      test_batch: await fixture('batch-4'),
      'batches.meta': await fixture('batches.meta'),
    });
    expect(await cifar.recognises(join(path, '..'))).toBe(true);
    const source = await openSet(cifar, join(path, '..'));
    expect(classes(source)).toEqual([3, 9, 3, 9]);
    expect(source.labels!.names).toEqual(tenNames);
    expect(source.path(3)).toBe('data_batch_2/00001');
    expect([...(await pixels(source, 3)).subarray(0, 3)]).toEqual([7, 8, 9]);
    await source.close();
    expect((await openSet(cifar, path, { split: 'test' })).count).toBe(2);
    expect((await openSet(cifar, join(path, 'data_batch_2'))).count).toBe(2);
  });

  it('CIFAR-100', async () => {
    const path = await set('py-100', { train: await fixture('train'), meta: await fixture('meta') });
    const source = await openSet(cifar, path);
    expect([classes(source), source.labels!.names[99]]).toEqual([[99, 0], 'fine 99']);
    const coarse = await openSet(cifar, path, { coarse: true });
    expect([classes(coarse), coarse.labels!.names[4]]).toEqual([[19, 4], 'coarse 4']);
  });

  const python = (text: string) => Buffer.from(text, 'latin1');

  it.each([
    ['code', '\x80\x02cos\nsystem\n(S"true"\ntR.', 'data_batch_1: byte 2: asks Python for os.system'],
    ['no dictionary', '\x80\x02].', 'its pickle is no dictionary'],
    ['no pictures', '\x80\x02}.', 'its dictionary has no array "data"'],
  ])('%s is refused', async (name, text, message) => {
    const path = await set(`py ${name}`, { data_batch_1: python(text) });
    expect(await failure(openSet(cifar, path))).toContain(message);
  });

  it.each([
    ['of another range', 'K\x09', 'K\x0b', 'record 1 has label 11; expected 0 to 9'],
    ['that are no numbers', 'K\x09', 'NN', '"labels" is no list of integers'],
    ['that are too few', 'K\x09', 'K\x090', '"labels" has 1 labels for 2 pictures'],
  ])('labels %s are refused', async (name, from, to, message) => {
    const text = (await fixture('batch-python2')).toString('latin1').replace(`K\x03${from}e`, `K\x03${to}e`);
    const path = await set(`labels ${name}`, { data_batch_1: python(text) });
    expect(await failure(openSet(cifar, path))).toContain(message);
  });
});

describe('what is not CIFAR', () => {
  it('a folder with parts of pictures, which are folders themselves', async () => {
    await set('parts/train', { 'a.png': '' });
    await set('parts/test', { 'a.png': '' });
    expect(await cifar.recognises(join(folder, 'parts'))).toBe(false);
    await set('texts', { train: 'a text', test: '', 'x.bin': '' });
    expect(await cifar.recognises(join(folder, 'texts'))).toBe(false);
    expect(await cifar.recognises(join(folder, 'none'))).toBe(false);
    expect(await failure(openSet(cifar, join(folder, 'none')))).toMatch(
      /^source-missing: .*none: cannot be read/,
    );
  });

  it('a pickle of another name', async () => {
    await copyFile(join(fixtures, 'batch-4.pickle'), join(folder, 'mine'));
    expect((await openSet(cifar, join(folder, 'mine'))).count).toBe(2);
  });
});
