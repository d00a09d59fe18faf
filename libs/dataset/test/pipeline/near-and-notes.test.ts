/** Photographs of the repository that show the same, and what is noted about them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, LANDMARK_COLUMNS, type BuildRequest, type ManifestLine } from '../../src/index.js';
import { readNotes } from '../../src/pipeline/notes.js';
import { temporaryFolder } from '../folder.js';
import { hashes, manifestOf, noModel, options, put } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'photos');
const points = join(folder, 'points.csv');
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/dataprep/${name}.png`, import.meta.url));
const at = (name: string) => join(folder, 'out', name, 'set');

const build = (name: string, request: Partial<BuildRequest> = {}) =>
  buildDataset(
    options({ source, size: 128, landmarks: { file: points }, out: at(name), ...request }),
    noModel,
  );

const linesOf = async (name: string) => (await manifestOf(at(name))) as unknown as ManifestLine[];

/** An astronaut, the same blurred and twice compressed, and a cat. */
beforeAll(async () => {
  const astronaut = sharp(fixture('astronaut'));
  await put(join(source, 'a-blurred.jpg'), await astronaut.clone().blur(4).jpeg({ quality: 95 }).toBuffer());
  await put(join(source, 'b-sharp.png'), await astronaut.clone().png().toBuffer());
  await put(join(source, 'c-poor.jpg'), await astronaut.clone().jpeg({ quality: 20 }).toBuffer());
  await put(join(source, 'd-cat.png'), await sharp(fixture('chelsea')).png().toBuffer());
  const astronautFace = '205,115,245,113,227,140,210,165,243,163';
  const rows = ['a-blurred.jpg', 'b-sharp.png', 'c-poor.jpg'].map((name) => `${name},${astronautFace}`);
  rows.push('d-cat.png,190,110,260,115,220,165,205,190,245,192');
  await writeFile(points, `path,${LANDMARK_COLUMNS.join(',')}\n${rows.join('\n')}\n`);
});

describe('portraits that show the same', () => {
  it('are told by the distance to the nearest one', async () => {
    await build('kept');
    const nearest = (await linesOf('kept')).map(({ scores }) => scores!.nearest);
    expect(nearest).toEqual([expect.any(Number), expect.any(Number), expect.any(Number), null]);
    for (const distance of nearest.slice(0, 3)) expect(distance).toBeLessThanOrEqual(8);
  });

  it('are scored: blur by the spectrum, compression by blocks and quality', async () => {
    const [blurred, sharpOne, poor] = (await linesOf('kept')).map(({ scores }) => scores!);
    expect(blurred!.spectrum!).toBeLessThan(sharpOne!.spectrum! - 3);
    expect(blurred!.quality!).toBeLessThan(sharpOne!.quality!);
    expect(poor!.quality!).toBeLessThan(sharpOne!.quality!);
    expect([blurred!.jpegQuality, sharpOne!.jpegQuality, poor!.jpegQuality]).toEqual([95, null, 20]);
    expect(poor!.blockiness!).toBeGreaterThan(sharpOne!.blockiness!);
  });

  it('go but for the best, with its name, when asked to', async () => {
    const request = { nearDuplicates: 'drop', workers: 2 } as const;
    expect(await build('dropped', request)).toMatchObject({ images: 2, dropped: { 'near-duplicate': 2 } });
    const [blurred, best, poor, cat] = await linesOf('dropped');
    expect([best, cat].map((line) => line!.decision)).toEqual(['kept', 'kept']);
    for (const line of [blurred, poor])
      expect(line).toMatchObject({
        reason: 'near-duplicate',
        detail: `of b-sharp.png, ${line!.scores!.nearest} bits apart`,
        nearDuplicateOf: { path: 'b-sharp.png', face: 0 },
      });
    await build('one-worker', { ...request, workers: 1 });
    expect(await hashes(at('one-worker'))).toEqual(await hashes(at('dropped')));
  });

  it('are told from others by limits that can be set, without aligning again', async () => {
    const drop = { nearDuplicates: 'drop', workers: 1 } as const;
    const dropped = async (request: Partial<BuildRequest>) =>
      (await build('set-limits', { ...drop, ...request })).dropped['near-duplicate'] ?? 0;
    expect(await dropped({ keepWork: true })).toBe(2);
    expect(await dropped({ likeness: 1 })).toBe(0);
    // Within 32 bits even a cat is near an astronaut: their pixels tell.
    expect(await dropped({ distance: 32 })).toBe(2);
    expect(await dropped({ distance: 32, likeness: -1 })).toBe(3);
  });

  it.each([{ distance: 4 }, { likeness: 0.5 }])('%o has no effect where they are kept', async (request) => {
    await expect(build('no-effect', request)).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('counts where near-duplicates are dropped only') as string,
    });
  });

  it('do not count among the best so many, and another ranking keeps another', async () => {
    await build('top', { nearDuplicates: 'drop', top: 1, topBy: { jpegQuality: 1 } });
    expect((await linesOf('top')).map(({ reason }) => reason)).toEqual([
      null,
      'not-among-best',
      'not-among-best',
      'not-among-best',
    ]);
  });

  it('go as whole pictures as well', async () => {
    const request = { align: 'none', nearDuplicates: 'drop', landmarks: 'auto' } as const;
    expect(await build('whole', request)).toMatchObject({ images: 2, dropped: { 'near-duplicate': 2 } });
    const lines = await linesOf('whole');
    expect(lines.map(({ scores }) => scores && 'nearest' in scores)).toEqual([false, false, false, false]);
    // Over the dataset that lacks the others: they are looked at again where their hashes are near.
    await build('whole', { ...request, topBy: { sharpness: 1, faceSize: 2 } });
    await build('whole-fresh', { ...request, topBy: { sharpness: 1, faceSize: 2 } });
    expect(await hashes(at('whole'))).toEqual(await hashes(at('whole-fresh')));
  });
});

describe('notes', () => {
  const file = join(folder, 'notes.csv');

  it('go to the lines of their pictures, as text, without empty fields', async () => {
    await writeFile(
      file,
      'licence,File,author\nCC BY 4.0,b-sharp.png,\n,d-cat.png,"Doe, J."\nx,elsewhere.png,y\n,c-poor.jpg,\n',
    );
    const summary = await build('noted', { notes: file });
    expect(summary.sidecars.filter(({ what }) => what === 'notes')).toEqual([
      { what: 'notes', file, listed: 4, matched: 3, pictures: 4, found: 3, unmatched: 'elsewhere.png' },
    ]);
    expect((await linesOf('noted')).map(({ notes }) => notes)).toEqual([
      undefined,
      { licence: 'CC BY 4.0' },
      undefined,
      { author: 'Doe, J.' },
    ]);
  });

  it.each([
    ['', /notes\.csv: line 1: expected a header and a line for each picture/],
    [
      'path\na.png\n',
      /notes\.csv: line 1: expected the names of a column of paths and of others.* got "path"/,
    ],
    ['path,author,author\na.png,x,y\n', /line 1: expected the names .* all different/],
    ['path,author\na.png,x\n,y\n', /line 3: expected the path of a picture, got nothing/],
    ['path,author\na.png,x\na.png,y\n', /line 3: "a\.png" has another note in line 2; leave one of them/],
  ])('that make no sense are refused: %j', async (text, message) => {
    await writeFile(file, text);
    const reading = readNotes(file);
    await expect(reading).rejects.toMatchObject({ code: 'annotation-invalid' });
    await expect(reading).rejects.toThrow(message);
  });

  it('of other pictures are refused before any is looked at, with a path of each', async () => {
    await writeFile(file, 'path,author\nx/none.png,a\nphotos/d-cat.png,b\n');
    const building = build('none', { notes: file, landmarks: 'annotation', align: 'none' });
    await expect(building).rejects.toMatchObject({ code: 'annotation-invalid' });
    await expect(building).rejects.toThrow(
      /notes\.csv: none of its 2 paths is that of a picture in .*photos: it has "photos\/d-cat\.png", the source has "d-cat\.png"; write the paths as/,
    );
  });

  it('that are not there are named', async () => {
    await expect(readNotes(join(folder, 'nowhere.csv'))).rejects.toThrow(
      /nowhere\.csv: cannot be read \(no such file or directory\); name a CSV file with a column of paths/,
    );
  });
});
