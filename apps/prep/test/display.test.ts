import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDataset, makeLong, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const dataset = join(folder, 'set');

beforeAll(() => makeDataset(dataset, { labels: true }));

it('help', async () => {
  const { code, stdout } = await prepHere(['display', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/display.txt');
});

describe('prep display', () => {
  it('writes sheet and page beside the dataset, and says where', async () => {
    const { code, stdout, stderr } = await prepHere(['display', `${dataset}/`, '--json']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/\/set\.png: 6 images of 16x12, .*B\n.*\/set\.html: 6 images of 16x12, .*B\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      level: 4,
      records: [0, 1, 2, 3, 4, 5],
      columns: 3,
      files: [{ path: `${dataset}.png` }, { path: `${dataset}.html` }],
    });
    expect(await readFile(`${dataset}.html`, 'utf8')).toContain('record 1 · even 2, odd 3');
    expect((await readdir(folder)).sort()).toEqual(['set', 'set.html', 'set.png']);
  });

  it('writes only what is named', async () => {
    const [sheet, page] = [join(folder, 'a.png'), join(folder, 'b.html')];
    const argv = ['display', dataset, '--records', '0-2,5', '--level', '3', '--columns', '4'];
    await prepHere([...argv, '--out', sheet]);
    expect((await stat(sheet)).size).toBeGreaterThan(0);
    const { stderr, stdout } = await prepHere([...argv, '--html', page, '--no-labels', '--json']);
    expect(stderr).toMatch(/b\.html: 4 images of 8x6, /);
    expect(JSON.parse(stdout)).toMatchObject({ records: [0, 1, 2, 5], columns: 4, files: [{ path: page }] });
    expect(await readFile(page, 'utf8')).not.toContain('even 2');
  });

  it.each([
    [[dataset, '--records', '5-2'], 2, 'Expected numbers and ranges, such as 0-99,200.'],
    [[dataset, '--records', '0-999999'], 2, 'Expected at most 100000 numbers.'],
    [
      [dataset, '--records', '1', '--sample', '2'],
      2,
      "'--records <numbers>' cannot be used with option '--sample",
    ],
    [[dataset, '--level', '11'], 2, 'Expected a whole number from 2 to 10.'],
    [[dataset, '--level', '9'], 2, 'has levels 2 to 4, got 9'],
    [[dataset, '--records', '6'], 2, 'expected 0…5, got 6'],
    [[dataset, '--out', join(dataset, 'x.png')], 1, 'lies in the dataset'],
    [[join(folder, 'nowhere')], 1, 'no such folder'],
  ])('%j ends with code %i', async (argv, expected, message) => {
    const { code, stdout, stderr } = await prepHere(['display', ...argv]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it('stops at Ctrl-C with code 130 and leaves no page', async () => {
    const long = join(folder, 'long');
    const page = join(folder, 'long.html');
    await makeLong(long);
    const { code, stdout } = await prep(['display', long, '--html', page, '--sample', '20000', '--json'], {
      interruptWhen: (text) => (text.includes('display: 1 of') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(await readdir(folder)).not.toContain('long.html');
  });
});
