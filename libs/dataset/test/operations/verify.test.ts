import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repairDataset } from '../../src/operations/repair/repair.js';
import { verifyDataset } from '../../src/operations/verify/verify.js';
import { TFRecordDataset } from '../../src/records/dataset.js';
import { sealFrame } from '../../src/records/framing.js';
import { encodeNpy } from '../../src/records/npy.js';
import { temporaryFolder } from '../folder.js';
import { goldenFolder } from '../records/golden.js';
import { flip, makeDataset, manifestOf, specs, unsealed, type DatasetSpec } from './datasets.js';

const folder = temporaryFolder();
let made = 0;

async function dataset(spec?: DatasetSpec): Promise<string> {
  const out = join(folder, `d${made++}`);
  await makeDataset(out, spec);
  return out;
}

/** Code, file, record and offset of everything found. */
async function found(directory: string, options = {}): Promise<unknown[][]> {
  const report = await verifyDataset(directory, options);
  expect(report.sound).toBe(report.total === 0);
  return report.findings.map(({ code, file, record, offset }) =>
    [code, file, record, offset].filter((value) => value !== undefined),
  );
}

// Records of 16x16 RGB: header 12, then 31 bytes before the pixels.
const recordBytes = 823;

describe('sound datasets', () => {
  it.each(specs)('%s', async (_, spec) => {
    const out = await dataset(spec);
    const progress: number[][] = [];
    const report = await verifyDataset(out, { sha256: true, onProgress: (...at) => progress.push(at) });
    expect(report.findings).toEqual([]);
    const { width, height } = typeof spec.size === 'object' ? spec.size : { width: 16, height: 16 };
    expect(report).toMatchObject({
      sound: true,
      total: 0,
      indexed: spec.index !== false,
      images: 10,
      size: { width, height },
      channels: spec.channels ?? 3,
      levels: 3,
      labels: spec.labels ? 3 : null,
      manifest: spec.manifest ?? false,
      damaged: {},
    });
    expect(progress.at(-1)).toEqual([report.bytes, report.bytes]);
  });

  it.each(['gray32', 'gray32-noshuffle', 'rgb32', 'rgb32-noshuffle'])(
    '%s of the official tool',
    async (name) => {
      expect(await verifyDataset(join(goldenFolder, name))).toMatchObject({ sound: true, indexed: false });
    },
  );

  it('larger than a chunk, in shards of different lengths per level', async () => {
    const out = join(folder, 'large');
    const size = { width: 128, height: 96 };
    await makeDataset(out, { size, images: 40, shardImages: 7 });
    const report = await verifyDataset(out, { sha256: true });
    expect(report).toMatchObject({ sound: true, images: 40, levels: 6 });
    await flip(out, 'set-r07-00004-of-00006.tfrecords', 5 * 36900);
    expect((await verifyDataset(out)).damaged).toEqual({
      'set-r07-00004-of-00006.tfrecords': ['payload-crc'],
    });
  });

  it('features in another order are read as well', async () => {
    const out = await dataset({ index: false, images: 2 });
    // The official readers take any order; the payload of this one has shape first.
    const path = join(out, 'set-r02.tfrecords');
    const bytes = await readFile(path);
    const reordered = Buffer.concat([reorder(bytes.subarray(0, 98)), reorder(bytes.subarray(98))]);
    await writeFile(path, reordered);
    expect(await found(out)).toEqual([]);
  });
});

describe('a flipped bit', () => {
  const top = 'set-r04.tfrecords';
  const third = 3 * recordBytes;
  it.each([
    ['in a length', top, third + 1, [['length-crc', top, 3, third]]],
    ['in a length checksum', top, third + 9, [['length-crc', top, 3, third]]],
    ['before the pixels', top, third + 12, [['payload-crc', top, 3, third]]],
    ['in the pixels', top, third + 300, [['payload-crc', top, 3, third]]],
    ['in a payload checksum', top, third + recordBytes - 1, [['payload-crc', top, 3, third]]],
    ['in the first record', top, 20, [['payload-crc', top, 0, 0]]],
    [
      'in the last record of a smaller level',
      'set-r02.tfrecords',
      98 * 9 + 50,
      [['payload-crc', 'set-r02.tfrecords', 9, 98 * 9]],
    ],
    ['in a label', 'set-rxx.labels', 140, [['file-crc', 'set-rxx.labels']]],
    [
      "in the labels' header",
      'set-rxx.labels',
      2,
      [
        ['file-crc', 'set-rxx.labels'],
        ['labels-invalid', 'set-rxx.labels'],
      ],
    ],
    ['in the contact sheet', 'sheet.png', 100, [['file-crc', 'sheet.png']]],
    ['in a path of the manifest', 'manifest.jsonl', 12, [['file-crc', 'manifest.jsonl']]],
  ])('%s', async (_, file, byte, expected) => {
    const out = await dataset({ labels: true, manifest: true });
    await flip(out, file, byte);
    expect(await found(out)).toEqual(expect.arrayContaining(expected));
    expect((await verifyDataset(out)).total).toBe(expected.length);
  });

  it.each([
    ['in a length', third + 1, 'length-crc'],
    ['in the pixels', third + 300, 'payload-crc'],
  ])('%s of a dataset without index', async (_, byte, code) => {
    const out = await dataset({ index: false });
    await flip(out, top, byte);
    expect(await found(out)).toEqual([[code, top, 3, third]]);
  });

  it.each([0, 3, 9, 20, 90])('at byte %i of the first record, without index', async (byte) => {
    for (const file of ['set-r04.tfrecords', 'set-r02.tfrecords']) {
      const out = await dataset({ index: false });
      await flip(out, file, byte);
      expect(await found(out)).toEqual([[byte < 12 ? 'length-crc' : 'payload-crc', file, 0, 0]]);
    }
  });

  it('names the shard, and the image in the dataset', async () => {
    const out = await dataset({ shardImages: 4 });
    const file = 'set-r04-00001-of-00003.tfrecords';
    await flip(out, file, 2 * recordBytes + 100);
    const report = await verifyDataset(out);
    expect(report.findings).toEqual([
      {
        code: 'payload-crc',
        file,
        record: 6,
        offset: 2 * recordBytes,
        message: expect.stringMatching(
          /^set-r04-00001-of-00003\.tfrecords: record 6 at byte 1646: payload checksum: stored 0x[0-9a-f]{8}, computed 0x[0-9a-f]{8}$/,
        ) as unknown,
      },
    ]);
    expect(report.damaged).toEqual({ [file]: ['payload-crc'] });
  });
});

describe('files', () => {
  const file = 'set-r03.tfrecords';

  it('one that is missing', async () => {
    const out = await dataset();
    await rm(join(out, file));
    expect(await found(out)).toEqual([['file-missing', file]]);
    const official = await dataset({ index: false });
    await rm(join(official, file));
    expect(await found(official)).toEqual([['level-missing', file]]);
    const sharded = await dataset({ index: false, shardImages: 4 });
    await rm(join(sharded, 'set-r03-00001-of-00003.tfrecords'));
    expect(await found(sharded)).toEqual([['file-missing', 'set-r03-00001-of-00003.tfrecords']]);
  });

  it('one that is cut off', async () => {
    const out = await dataset();
    await truncate(join(out, file), 247 * 4 + 100);
    expect(await found(out)).toEqual([['file-size', file]]);
    const official = await dataset({ index: false });
    await truncate(join(official, file), 247 * 4 + 100);
    expect(await found(official)).toEqual([
      ['record-cut', file, 247 * 4],
      ['level-count', file],
    ]);
    await truncate(join(official, file), 0);
    expect(await found(official)).toEqual([
      ['record-cut', file, 0],
      ['level-count', file],
    ]);
  });

  it('one with something behind its end', async () => {
    const out = await dataset();
    await writeFile(join(out, file), 'x', { flag: 'a' });
    expect(await found(out)).toEqual([['file-size', file]]);
  });

  it('a foreign TFRecord file, a folder, a pipe', async () => {
    const out = await dataset();
    await cp(join(out, file), join(out, 'other-r03.tfrecords'));
    expect(await found(out)).toEqual([['file-foreign', 'other-r03.tfrecords']]);
    await rm(join(out, 'other-r03.tfrecords'));
    await rm(join(out, file));
    await mkdir(join(out, file));
    expect(await found(out)).toEqual([['file-unreadable', file]]);
    if (process.platform === 'win32') return;
    await rename(join(out, file), join(out, 'folder'));
    execFileSync('mkfifo', [join(out, file)]);
    expect(await found(out)).toEqual([['file-unreadable', file]]);
  });

  it('gigabytes of zeros behind the first record are not read into memory', async () => {
    const out = await dataset({ index: false });
    const path = join(out, file);
    await truncate(path, 2470 + 6e9);
    expect(await found(out)).toEqual([['length-crc', file, 2470]]);
    await truncate(path, 247 * 20_000);
    const { counts } = await verifyDataset(out);
    expect(counts).toEqual({ 'length-crc': 19_990, 'payload-crc': 19_990, 'level-count': 1 });
  });

  it('two datasets in one folder, without index', async () => {
    const out = await dataset({ index: false });
    await cp(join(out, file), join(out, 'other-r03.tfrecords'));
    expect(await found(out)).toEqual([['file-foreign', 'set-r03.tfrecords']]);
  });

  it('no dataset at all is an error', async () => {
    await mkdir(join(folder, 'empty'));
    await expect(verifyDataset(join(folder, 'empty'))).rejects.toMatchObject({ code: 'dataset-missing' });
    await expect(verifyDataset(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'dataset-missing' });
  });
});

describe('levels', () => {
  it('a smaller image that is not the average', async () => {
    const out = await dataset({ index: false });
    const other = await dataset({ seed: 9 });
    await cp(join(other, 'set-r03.tfrecords'), join(out, 'set-r03.tfrecords'));
    const report = await verifyDataset(out, { findings: 3 });
    expect(report.counts).toEqual({ 'level-differs': 10 });
    expect(report.findings).toHaveLength(3);
    expect(report.findings[1]).toMatchObject({ code: 'level-differs', record: 1, offset: 247 });
    expect(report.findings[1]!.message).toMatch(
      /not the average of the largest image: \d+ of 192 bytes differ, first channel 0, row 0, column \d: expected \d+, got \d+$/,
    );
  });

  it('a level of other images, of another shape, of another count', async () => {
    const out = await dataset({ index: false });
    const gray = await dataset({ index: false, channels: 1 });
    await cp(join(gray, 'set-r03.tfrecords'), join(out, 'set-r03.tfrecords'));
    expect(await found(out)).toEqual([['shape-wrong', 'set-r03.tfrecords']]);
    const few = await dataset({ index: false, images: 8 });
    await cp(join(few, 'set-r03.tfrecords'), join(out, 'set-r03.tfrecords'));
    expect(await found(out)).toEqual([['level-count', 'set-r03.tfrecords']]);
  });
});

describe('labels', () => {
  it.each([
    ['too few rows', encodeNpy(new Float32Array(27), [9, 3]), ['labels-invalid']],
    [
      'a number that is none',
      encodeNpy(
        Float32Array.from({ length: 30 }, (_, i) => (i === 7 ? NaN : i)),
        [10, 3],
      ),
      ['labels-not-finite', 2],
    ],
    ['no array', Buffer.from('nonsense'), ['labels-invalid']],
  ])('%s', async (_, bytes, [code, record]) => {
    const out = await dataset({ index: false, labels: true });
    await writeFile(join(out, 'set-rxx.labels'), bytes);
    expect(await found(out)).toEqual([[code, 'set-rxx.labels', ...(record === undefined ? [] : [record])]]);
  });
});

describe('the manifest', () => {
  const lines = manifestOf(10, false).split('\n');
  const change = (at: number, line: string) => lines.map((old, i) => (i === at ? line : old)).join('\n');
  it.each([
    ['a line that does not parse', change(3, '{"path":'), ['manifest-invalid', 'manifest-records']],
    ['an image twice', change(3, lines[4]!), ['manifest-records', 'manifest-records']],
    [
      'an image that is not there',
      `${lines.join('\n')}${lines[4]!.replace('"record":3', '"record":10')}\n`,
      ['manifest-records'],
    ],
    [
      'dropped for no reason',
      change(0, '{"path":"a","decision":"dropped","reason":null}'),
      ['manifest-invalid'],
    ],
    ['neither kept nor dropped', change(0, '{"path":"a","decision":"maybe"}'), ['manifest-invalid']],
    ['cut off', lines.slice(0, -1).join('\n'), ['manifest-invalid']],
    [
      'a mirror image twice',
      change(3, lines[3]!.replace('"record":2', '"record":2,"mirrored":3')),
      ['manifest-records'],
    ],
  ])('%s', async (_, text, codes) => {
    const out = await dataset({ index: false, manifest: true });
    await writeFile(join(out, 'manifest.jsonl'), text);
    expect((await verifyDataset(out)).findings.map(({ code }) => code)).toEqual(codes);
  });
});

describe('the index', () => {
  async function changed(change: (text: string) => string, options = {}): Promise<unknown[][]> {
    const out = await dataset({ labels: true, manifest: true });
    const path = join(out, 'index.json');
    const text = unsealed(await readFile(path, 'utf8'));
    expect(change(text)).not.toBe(text);
    await writeFile(path, change(text));
    return found(out, options);
  }

  it.each([
    ['that is no JSON', (text: string) => text.slice(1), [['index-invalid', 'index.json']]],
    [
      'of another version',
      (text: string) => text.replace('"version": 2', '"version": 9'),
      [['index-invalid', 'index.json']],
    ],
    [
      'with a wrong count',
      (text: string) => text.replace('"images": 10', '"images": 11'),
      Array(3).fill(['index-wrong', 'index.json']),
    ],
    [
      'with wrong bytes',
      (text: string) => text.replace('"bytes": 8230', '"bytes": 8231'),
      [['index-wrong', 'index.json']],
    ],
    [
      'without a size of records',
      (text: string) => text.replace('"recordBytes": 8', '"recordBytet": 8'),
      [['index-wrong', 'index.json']],
    ],
    [
      'with another level',
      (text: string) => text.replace('"level": 3', '"level": 4'),
      [['index-wrong', 'index.json']],
    ],
  ])('%s', async (_, change, expected) => {
    expect(await changed(change)).toEqual(expected);
  });

  it('without its own SHA-256, as older versions wrote it, is sound', async () => {
    expect(await changed((text) => `${text}\n`)).toEqual([]);
  });

  it.each([
    ['a setting', '"some": "setting"', '"some": "sitting"', 'index-damaged'],
    ['the name of a label', '"left"', '"lift"', 'index-damaged'],
    [
      'its own SHA-256',
      /"sha256": "[0-9a-f]{64}"\n\}\n$/,
      `"sha256": "${'0'.repeat(64)}"\n}\n`,
      'index-damaged',
    ],
    ['nothing but spaces', /\n */g, ' ', null],
  ])('with %s changed', async (_, from, to, code) => {
    const out = await dataset({ labels: true, manifest: true });
    const path = join(out, 'index.json');
    const text = await readFile(path, 'utf8');
    expect(text.replace(from, to)).not.toBe(text);
    await writeFile(path, text.replace(from, to));
    expect(await found(out)).toEqual(code === null ? [] : [[code, 'index.json']]);
    if (code === null) return void (await TFRecordDataset.open(out));
    await expect(TFRecordDataset.open(out)).rejects.toMatchObject({
      code: 'dataset-invalid',
      message: expect.stringMatching(/index\.json: is not as it was written: expected SHA-256 "/) as string,
    });
    expect(await repairDataset(out)).toMatchObject({ repaired: [{ file: 'index.json' }], sound: true });
    expect((await TFRecordDataset.open(out)).count).toBe(10);
  });

  it('with wrong checksums', async () => {
    const other = (hex: string) => hex.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect(
      await changed((text) => text.replace(/"crc32c": "(.*?)"/, (all) => all.replace(/[0-9a-f]{8}/, other))),
    ).toEqual([['file-crc', 'set-r04.tfrecords']]);
    const sha = (text: string) =>
      text.replace(/"sha256": "(.*?)"/, (all) => all.replace(/[0-9a-f]{64}/, other));
    expect(await changed(sha)).toEqual([]);
    expect(await changed(sha, { sha256: true })).toEqual([['file-sha256', 'set-r04.tfrecords']]);
  });

  it('that speaks of 10^12 images takes neither time nor memory', async () => {
    const out = await dataset({ manifest: true });
    const path = join(out, 'index.json');
    const text = unsealed(await readFile(path, 'utf8'));
    await writeFile(
      path,
      text
        .replaceAll('"records": 10', '"records": 1000000000000')
        .replace('"images": 10', '"images": 1000000000000')
        .replaceAll(/"bytes": (823|247|98)0,/g, (_, bytes: string) => `"bytes": ${bytes}000000000000,`),
    );
    const { counts } = await verifyDataset(out);
    expect(counts).toEqual({ 'file-size': 3, 'manifest-records': 1 });
  });
});

it('stops when it is told to', async () => {
  const out = await dataset();
  await expect(verifyDataset(out, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted',
  });
});

/** The same example with its two features the other way round. */
function reorder(frame: Buffer): Buffer {
  const payload = frame.subarray(12, -4);
  // Example{1: Features{entry, entry}}: tag and length of both are one byte each at this size.
  const features = payload.subarray(2);
  const first = 2 + features[1]!;
  const swapped = Buffer.concat([
    payload.subarray(0, 2),
    features.subarray(first),
    features.subarray(0, first),
  ]);
  const sealed = Buffer.alloc(frame.length);
  swapped.copy(sealed, 12);
  sealFrame(sealed);
  return sealed;
}
