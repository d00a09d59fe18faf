import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { celeba } from '../../src/sources/celeba.js';
import { celebaAligned } from '../../src/sources/celeba-aligned.js';
import { parseCelebAList } from '../../src/sources/celeba-list.js';
import { chooseSource } from '../../src/sources/registry.js';
import { temporaryFolder } from '../folder.js';
import { failure, openSource } from './opening.js';

const folder = temporaryFolder();
const scratch = join(folder, 'scratch');
const columns =
  'lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y';
const points = `2\n${columns}\n1.jpg 1 2 3 4 5 6 7 8 9 10\n3.jpg 11 12 13 14 15 16 17 18 19 20\n`;
const attributes = '2\nBald Male \n1.jpg -1  1\n2.jpg  1 -1\n';
let folders = 0;

async function made(files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, String(folders++));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const open = (kind: typeof celeba, path: string) => openSource(kind, path, scratch);

describe('CelebA in the wild', () => {
  it.each(['img_celeba/', ''])('has its pictures in "%s", landmarks and attributes beside', async (place) => {
    const root = await made({
      'list_landmarks_celeba.txt': points,
      'list_attr_celeba.txt': attributes,
      ...Object.fromEntries([1, 2, 3].map((k) => [`${place}${k}.jpg`, String(k)])),
    });
    expect(await celeba.recognises(root)).toBe(true);
    const { count, path, landmarks, labels } = await open(celeba, root);
    expect([count, path(0), path(2)]).toEqual([3, '1.jpg', '3.jpg']);
    expect(landmarks!(0)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    expect([landmarks!(1), landmarks!(2)?.[0]]).toEqual([null, 11]);
    expect(labels!.names).toEqual(['Bald', 'Male']);
    expect([0, 1, 2].map((i) => labels!.row(i))).toEqual([
      Float32Array.of(0, 1),
      Float32Array.of(1, 0),
      undefined,
    ]);
  });

  it('may come without lists', async () => {
    const root = await made({ 'img_celeba/1.jpg': '1' });
    expect(await celeba.recognises(root)).toBe(true);
    expect(await open(celeba, root)).toMatchObject({ landmarks: null, labels: null });
    expect(await celeba.recognises(await made({ '1.jpg': '1' }))).toBe(false);
    expect(await celeba.recognises(join(root, 'img_celeba/1.jpg'))).toBe(false);
  });

  it('a list that does not parse is refused', async () => {
    const root = await made({ 'img_celeba/1.jpg': '1', 'list_landmarks_celeba.txt': attributes });
    expect(await failure(open(celeba, root))).toMatch(
      /^annotation-invalid: .*list_landmarks_celeba\.txt: line 2: expected the columns lefteye_x .*, got Bald Male$/,
    );
  });
});

describe('CelebA aligned', () => {
  it.each(['img_align_celeba', 'img_align_celeba_png', 'img_align_celeba/img_align_celeba'])(
    'is found in %s, with attributes beside',
    async (place) => {
      const end = place.endsWith('png') ? 'png' : 'jpg';
      const root = await made({
        'list_attr_celeba.txt': attributes,
        'list_landmarks_align_celeba.txt': 'not looked at',
        [`${place}/1.${end}`]: '1',
        [`${place}/2.${end}`]: '2',
      });
      for (const path of [root, join(root, place.split('/')[0]!)]) {
        expect(await celebaAligned.recognises(path)).toBe(true);
        const source = await open(celebaAligned, path);
        expect([source.count, source.path(1), source.landmarks]).toEqual([2, `2.${end}`, null]);
        expect(source.labels!.row(1)).toEqual(Float32Array.of(1, 0));
      }
    },
  );

  it('may come without attributes, not without pictures', async () => {
    const root = await made({ 'img_align_celeba/1.jpg': '1', 'other/1.jpg': '1' });
    expect((await open(celebaAligned, root)).labels).toBeNull();
    expect(await celebaAligned.recognises(join(root, 'other'))).toBe(false);
    expect(await failure(open(celebaAligned, join(root, 'other')))).toMatch(
      /^source-missing: .*other: holds no folder img_align_celeba_png or img_align_celeba;/,
    );
  });

  it('is cropped as the official tool does unless told otherwise', () => {
    expect(celebaAligned.defaults).toMatchObject({
      align: 'none',
      fit: 'crop',
      crop: { x: 89, y: 121, side: 128 },
      size: { width: 128, height: 128 },
    });
  });
});

describe('which CelebA a folder is', () => {
  const wild = ['img_celeba/1.jpg', 'list_landmarks_celeba.txt'];
  it.each([
    ['celeba', 'pictures in the wild, with their list', wild],
    ['celeba', 'pictures in the wild without a list', ['img_celeba/1.jpg']],
    ['celeba', 'pictures beside the list', ['1.jpg', 'list_landmarks_celeba.txt']],
    ['celeba-aligned', 'aligned pictures', ['img_align_celeba/1.jpg']],
    // The lists of both come in one folder, so those of the wild pictures say nothing.
    ['celeba-aligned', 'aligned pictures with all lists', ['img_align_celeba/1.jpg', ...wild.slice(1)]],
    ['celeba-aligned', 'both', ['img_align_celeba_png/1.png', ...wild]],
    ['folder', 'neither', ['img/1.jpg', 'list_landmarks_align_celeba.txt']],
  ])('%s: %s', async (kind, _, files) => {
    const root = await made(Object.fromEntries(files.map((file) => [file, points])));
    expect((await chooseSource(root, 'auto')).kind).toBe(kind);
    expect((await chooseSource(root, 'celeba')).kind).toBe('celeba');
  });
});

describe('a CelebA list', () => {
  it('with Windows line ends and runs of blanks is read', () => {
    const list = parseCelebAList('1\r\nA  B\r\n1.jpg   -1    2.5\r\n\r\n', 'x');
    expect([list.size, list.columns, list.row('1.jpg')]).toEqual([1, ['A', 'B'], Float32Array.of(-1, 2.5)]);
  });

  it.each([
    ['', 'x: line 1: expected the number of pictures, got ""'],
    ['many\nA\n', 'x: line 1: expected the number of pictures, got "many"'],
    ['1', 'x: line 2: expected the names of the columns'],
    ['2\nA\n1.jpg 1\n', 'x: line 1: says 2 pictures, the list has 1; is the file complete?'],
    ['1\nA B\n1.jpg 1\n', 'x: line 3: expected a file name and 2 numbers, got 2 fields'],
    ['1\nA\n1.jpg one\n', 'x: line 3: expected a number, got "one"'],
    ['2\nA\n1.jpg 1\n1.jpg 1\n', 'x: line 4: 1.jpg is listed before'],
    [
      `100000\n${'A '.repeat(100_000)}\n${'1\n'.repeat(100_000)}`,
      'x: line 3: expected a file name and 100000 numbers, got 1 fields',
    ],
  ])('%# is refused', (text, message) => {
    expect(() => parseCelebAList(text, 'x')).toThrow(message);
  });
});
