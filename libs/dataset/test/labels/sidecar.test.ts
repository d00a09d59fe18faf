import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderLabels } from '../../src/labels/folder-names.js';
import { readSidecarLabels } from '../../src/labels/sidecar.js';
import { temporaryFolder } from '../folder.js';
import { failure } from '../sources/opening.js';

const folder = temporaryFolder();

async function read(text: string, name = 'labels.csv') {
  const file = join(folder, name);
  await writeFile(file, text);
  return readSidecarLabels(file);
}

/** The error without the folder. */
async function refusal(text: string, name?: string): Promise<string> {
  return (await failure(read(text, name))).replace(`annotation-invalid: ${folder}/`, '');
}

const row = (...values: number[]) => Float32Array.from(values);

describe('labels from folders', () => {
  it('are the names of the folders that pictures lie in', () => {
    const labels = folderLabels([
      'a.jpg',
      'x/dog/1.jpg',
      'cat/1.jpg',
      'y/dog/1.jpg',
      'z.zip/1.jpg',
      'z.zip/cat/1.jpg',
    ]);
    expect(labels.names).toEqual(['cat', 'dog', 'z.zip']);
    expect(labels.of('x/dog/1.jpg')).toEqual(row(0, 1, 0));
    expect(labels.of('z.zip/cat/1.jpg')).toEqual(row(1, 0, 0));
    expect(labels.of('z.zip/1.jpg')).toEqual(row(0, 0, 1));
    expect(labels.of('a.jpg')).toBeUndefined();
  });

  it('need two of them', () => {
    expect(() => folderLabels(['a.jpg'])).toThrow(
      'labels: the folders of the source give no class, expected at least two; put the pictures of each class into a folder of its own',
    );
    expect(() => folderLabels(['a/1.jpg', 'a/2.jpg', '3.jpg'])).toThrow(/give one class \(a\), expected/);
  });

  it('are no file names', () => {
    const paths = (function* () {
      for (let i = 0; i <= 65_536; i++) yield `${i}/x.jpg`;
    })();
    expect(() => folderLabels(paths)).toThrow('65537 label components, at most 65536 are possible');
  });
});

describe('labels from a CSV file', () => {
  it('are classes when the column has text', async () => {
    const labels = await read(
      '\ufefffile,kind\r\n./a/1.jpg,dog\r\n\r\n"b, 2.jpg",cat\r\n"say ""x"".jpg", dog \r\n',
    );
    expect(labels.names).toEqual(['cat', 'dog']);
    expect(labels.of('a/1.jpg')).toEqual(row(0, 1));
    expect(labels.of('b, 2.jpg')).toEqual(row(1, 0));
    expect(labels.of('say "x".jpg')).toEqual(row(0, 1));
    expect(labels.of('1.jpg')).toBeUndefined();
  });

  it('are components when columns have numbers', async () => {
    const labels = await read('age,Path,smile\n31,a.jpg,-0.5\n1e1,b.jpg,+1.\n');
    expect(labels.names).toEqual(['age', 'smile']);
    expect(labels.of('a.jpg')).toEqual(row(31, -0.5));
    expect(labels.of('b.jpg')).toEqual(row(10, 1));
    expect((await read('name,age\na.jpg,3\n')).of('a.jpg')).toEqual(row(3));
  });

  it('are numbered classes when the only column is called class or label', async () => {
    const labels = await read('path,Label\na.jpg,2\nb.jpg,0\n');
    expect(labels.names).toEqual(['0', '1', '2']);
    expect(labels.of('a.jpg')).toEqual(row(0, 0, 1));
    expect((await read('path,label\na.jpg,2.5\nb.jpg,0\n')).of('a.jpg')).toEqual(row(2.5));
  });

  it.each([
    ['', 'line 1: expected a header with the names of the columns, got nothing'],
    [
      'path;kind\na.jpg;cat\n',
      'line 1: expected a header with a column of paths and one of labels, separated by commas, got "path;kind"',
    ],
    [
      'a.jpg,3\nb.jpg,4\n',
      'line 1: expected the names of the columns, got a record ("a.jpg,3"); put a header first',
    ],
    ['path,a,a\n', 'line 1: the header has two columns "a"'],
    [
      `path,${Array.from({ length: 65_537 }, (_, i) => i)}\n`,
      'line 1: 65537 columns of labels, at most 65536 are possible',
    ],
    ['path,kind\n', 'has no labels, expected one for each picture'],
    ['path,kind\na.jpg,cat\nb.jpg\n', 'line 3: expected 2 fields as in the first record, got 1'],
    [
      'path,kind\na.jpg,"cat\n',
      'line 2: Quote Not Closed: the parsing is finished with an opening quote at line 2',
    ],
    [
      'path,kind\na.jpg,\n',
      'line 2: column "kind" is empty; leave out the lines of pictures without a label',
    ],
    ['path,kind\n,cat\n', 'line 2: expected the path of a picture, got nothing'],
    [
      'path,x,y\na.jpg,1,2\nb.jpg,1,left\n',
      'line 3: column "y": expected a number, got "left"; text is read as a class',
    ],
    [
      'path,age\na.jpg,1\n\nb.jpg,old\n',
      'line 4: column "age" has the number 1 (line 2) and the text "old" (line 4); write all',
    ],
    ['path,age\na.jpg,1\nb.jpg,nan\n', 'line 3: expected finite numbers (float32), got NaN'],
    ['path,x,y\na.jpg,1,-inf\n', 'line 2: expected finite numbers (float32), got NaN'],
    ['path,age\na.jpg,1e39\n', 'line 2: expected finite numbers (float32), got 1e+39'],
    [
      'path,class\na.jpg,1\nb.jpg,-1\n',
      'line 3: expected the number of a class, 0 to 65535, got -1; a number that is no class needs another column name',
    ],
    ['path,class\na.jpg,65536\n', 'line 2: expected the number of a class, 0 to 65535, got 65536'],
    [
      'path,kind\na.jpg,cat\nb.jpg,dog\n./a.jpg,dog\n',
      'line 4: "a.jpg" has another label in line 2; leave one of them',
    ],
  ])('%# is refused', async (text, message) => {
    const refused = await refusal(text);
    expect(refused.replace('labels.csv: ', '').slice(0, message.length)).toBe(message);
  });

  it('a matrix beyond memory is refused before it is made', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i}.jpg,${i === 0 ? 65_535 : 0}`);
    expect(await refusal(`path,class\n${lines.join('\n')}`)).toBe(
      'labels.csv: 5000 pictures with 65536 label components each are more than 268435456 numbers; are these labels?',
    );
  });
});

describe('labels from a JSON file', () => {
  it('are those of StyleGAN', async () => {
    const classes = await read(
      '{"labels": [["00/a.png", 2], ["00\\\\b.png", 0]], "other": 1}',
      'dataset.json',
    );
    expect(classes.names).toEqual(['0', '1', '2']);
    expect(classes.of('00/a.png')).toEqual(row(0, 0, 1));
    expect(classes.of('00/b.png')).toEqual(row(1, 0, 0));
    const numbers = await read('{"labels": [["a.png", [0.5, -1]]]}', 'dataset.json');
    expect([numbers.names, numbers.of('a.png')]).toEqual([['0', '1'], row(0.5, -1)]);
  });

  it('may be an object with paths, or a list of objects', async () => {
    const classes = await read(' {"a.jpg": "dog", "b.jpg": "cat", "labels": "cat"}', 'labels');
    expect([classes.names, classes.of('a.jpg')]).toEqual([['cat', 'dog'], row(0, 1)]);
    expect((await read('{"a.jpg": 1, "__proto__": 0}', 'x.json')).of('a.jpg')).toEqual(row(0, 1));
    expect((await read('{"a.jpg": 1, "b.jpg": 0.5}', 'x.json')).of('a.jpg')).toEqual(row(1));
    const list = await read('[{"file": "a.jpg", "label": [3]}, {"path": "b.jpg", "class": [4]}]', 'x.json');
    expect(list.of('b.jpg')).toEqual(row(4));
  });

  it.each([
    ['{', "no JSON: Expected property name or '}' in JSON at position 1"],
    ['3', 'entry 1: expected an object or a list of labels, got 3'],
    ['{"labels": null}', 'has no labels, expected one for each picture'],
    ['[["a.jpg", 1], "b.jpg"]', 'entry 2: expected ["path", label] or {"path": …, "label": …}, got "b.jpg"'],
    ['[["a.jpg", 1, 2]]', 'entry 1: expected ["path", label] or {"path": …, "label": …}, got a list of 3'],
    ['[{"name": "a.jpg", "label": 1}]', 'entry 1: expected the path of a picture, got nothing'],
    [
      '{"a.jpg": {"age": 3}}',
      'entry 1: label of "a.jpg": expected a class (text or whole number) or a list of numbers, got an object with age',
    ],
    ['{"a.jpg": [1, "x"]}', 'entry 1: label of "a.jpg": expected a class'],
    ['{"a.jpg": []}', 'entry 1: label of "a.jpg": expected a class'],
    ['{"a.jpg": ""}', 'entry 1: expected a class, got an empty text'],
    [
      '{"a.jpg": 1, "b.jpg": "cat"}',
      'entry 2: expected a class as a number as in entry 1, got a class as text',
    ],
    ['{"a.jpg": [1, 2], "b.jpg": [1]}', 'entry 2: expected 2 numbers as in entry 1, got 1'],
    ['{"a.jpg": [1e999]}', 'entry 1: expected finite numbers (float32), got Infinity'],
    [
      '{"a.jpg": -1}',
      'entry 1: expected the number of a class, 0 to 65535, got -1; write [number] for one that is no class',
    ],
    ['[["a.jpg", [1]], ["a.jpg", [2]]]', 'entry 2: "a.jpg" has another label in entry 1'],
    [`${'['.repeat(200_000)}`, 'no JSON: '],
  ])('%# is refused', async (text, message) => {
    const refused = await refusal(text, 'x.json');
    expect(refused.replace('x.json: ', '').slice(0, message.length)).toBe(message);
  });
});

describe('paths', () => {
  it('of a file with bare names fit pictures in folders, one each', async () => {
    const labels = await read('path,kind\n1.jpg,a\n2.jpg,b\n');
    expect(labels.of('x/1.jpg')).toEqual(row(1, 0));
    expect(labels.of('x/1.jpg')).toEqual(row(1, 0));
    expect(labels.of('2.jpg')).toEqual(row(0, 1));
    expect(() => labels.of('y/1.jpg')).toThrow(
      /labels\.csv: line 2: "1\.jpg" may be x\/1\.jpg or y\/1\.jpg; write paths with folders/,
    );
  });

  it('of a file with folders fit only as they are', async () => {
    const labels = await read('path,kind\nx/1.jpg,a\n2.jpg,b\n');
    expect([labels.of('y/2.jpg'), labels.of('1.jpg')]).toEqual([undefined, undefined]);
  });

  it('equal lines are one', async () => {
    expect((await read('path,x,y\n1.jpg,1,2\n1.jpg,1,2\n')).of('1.jpg')).toEqual(row(1, 2));
  });

  it('a file that is not there is named', async () => {
    expect(await failure(readSidecarLabels(join(folder, 'nowhere.csv')))).toMatch(
      /^annotation-invalid: .*nowhere\.csv: cannot be read \(no such file or directory\); name a CSV or JSON file with labels$/,
    );
  });
});
