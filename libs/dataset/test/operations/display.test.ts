import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { displayDataset, displayTargets, TFRecordDataset } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { chromium, withPage, type View } from './browser.js';
import { kept, makeDataset, oneHot, pictureOf, rectangle } from './make-dataset.js';

const folder = temporaryFolder();
const hostile = `<script>document.title='broken'</script><img src=x onerror="document.title='broken'">"'&amp;`;
const images = 130;
const labelled = join(folder, 'labelled');

beforeAll(async () => {
  // One picture over and over: the tests are about the page.
  const image = pictureOf(1, { size: rectangle });
  const classes = Array.from({ length: images }, (_, i) => (i % 10 === 0 ? 1 : i % 2 === 0 ? 0 : 2));
  await makeDataset(labelled, {
    size: rectangle,
    seeds: Array.from({ length: images }, () => 1),
    edit: (_, i) => image.with(0, i),
    labels: { names: ['cats', hostile, 'dogs'], rows: oneHot(classes, 3) },
    manifest: Array.from({ length: images }, (_, i) => kept(`${i} ${hostile}.jpg`, i)),
  });
});

/** RGB of the sheet at a place. */
async function pixelAt(png: Buffer, x: number, y: number): Promise<number[]> {
  const region = sharp(png).extract({ left: x, top: y, width: 1, height: 1 });
  return [...(await region.removeAlpha().raw().toBuffer())];
}

describe('the sheet', () => {
  it.each([
    ['colour', 3],
    ['gray', 1],
  ] as const)('shows images in order, in %s', async (name, channels) => {
    const dataset = await makeDataset(join(folder, name), { size: rectangle, channels, shardImages: 5 });
    const path = join(folder, `${name}.png`);
    const records = [7, 0, 11, 3, 3];
    const display = await displayDataset(dataset, { sheet: path, records, columns: 3 });
    const png = await readFile(path);
    expect(display).toMatchObject({ level: 4, width: 16, height: 12, records, columns: 3 });
    expect(display.files).toEqual([{ path, bytes: png.length }]);
    expect(await sharp(png).metadata()).toMatchObject({ width: 48, height: 24, format: 'png' });
    for (const [i, record] of records.entries()) {
      const image = pictureOf(record + 1, { size: rectangle, channels });
      const at = 5 * 16 + 9;
      const expected = [0, 1, 2].map((c) => image[(channels === 3 ? c * 192 : 0) + at]!);
      expect(await pixelAt(png, (i % 3) * 16 + 9, Math.floor(i / 3) * 12 + 5)).toEqual(expected);
    }
  });

  it('takes smaller levels, and a sample that depends on the seed only', async () => {
    const dataset = await makeDataset(join(folder, 'levels'));
    const sheet = join(folder, 'levels.png');
    const sampled = async (seed: number) =>
      (await displayDataset(dataset, { sheet, sample: 5, seed, level: 3 })).records;
    const records = await sampled(1);
    expect(records).toHaveLength(5);
    expect(records).toEqual([...records].sort((a, b) => a - b));
    expect(await sampled(1)).toEqual(records);
    expect(await sampled(3)).not.toEqual(records);
    expect((await sharp(sheet).metadata()).width).toBe(8 * 3);
  });
});

describe('the page', () => {
  const page = join(folder, 'page.html');

  it('has every image, its number, labels and picture as text', async () => {
    await displayDataset(labelled, { page, sample: 1000 });
    const html = await readFile(page, 'utf8');
    expect(html.match(/<li /g)).toHaveLength(images);
    expect(html).toContain('<h1>labelled</h1>');
    expect(html).toContain('130 images of 16x12, RGB; 130 shown');
    expect(html).toContain('<option value="0">cats (52)</option>');
    expect(html).toContain('data-facts="record 129 · dogs · 129 &lt;script&gt;');
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).not.toContain('onerror="');
    expect(html).not.toContain(folder);
  });

  it('holds the images without loss', async () => {
    await displayDataset(labelled, { page, records: [3] });
    const html = await readFile(page, 'utf8');
    const [, base64] = /data:image\/webp;base64,([^"]+)"/.exec(html)!;
    const rgb = await sharp(Buffer.from(base64!, 'base64')).removeAlpha().raw().toBuffer();
    const image = await (await TFRecordDataset.open(labelled)).images(4, [3]);
    expect([0, 1, 2].flatMap((c) => Array.from({ length: 192 }, (_, i) => rgb[i * 3 + c]!))).toEqual([
      ...image,
    ]);
  });

  it('loads nothing and has a policy against everything else', async () => {
    await displayDataset(labelled, { page });
    const html = await readFile(page, 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
    expect(policy).toMatch(/^default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-/);
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/https?:/);
    expect([...html.matchAll(/ (?:src|href)="(?!data:image\/webp;base64,)/g)]).toEqual([]);
    expect(html).not.toMatch(/ style=| on[a-z]+="/);
  });

  it('is the same every time', async () => {
    await displayDataset(labelled, { page, seed: 5 });
    const first = await readFile(page);
    await displayDataset(labelled, { page, seed: 5 });
    expect(first.equals(await readFile(page))).toBe(true);
  });

  it('leaves labels out when told to, and writes numbers where labels are no names', async () => {
    await displayDataset(labelled, { page, labels: false });
    expect(await readFile(page, 'utf8')).not.toContain('cats');
    const rows = Array.from({ length: 12 }, (_, i) => [i / 3, -i]);
    const dataset = await makeDataset(join(folder, 'numbers'), { labels: { names: ['x', 'y'], rows } });
    await displayDataset(dataset, { page });
    const html = await readFile(page, 'utf8');
    expect(html).toContain('record 2 · x 0.6667, y -2');
    expect(html).not.toContain('<select');
  });
});

describe.skipIf(!chromium)('the page in Chromium', () => {
  const page = join(folder, 'chromium.html');
  const desktop: View = { width: 1280, height: 900 };
  const opened = <T>(view: View, look: Parameters<typeof withPage<T>>[3]) =>
    withPage(pathToFileURL(page).href, join(folder, `profile-${view.width}`), view, look);
  const shown = `[...document.querySelectorAll('#images > li:not([hidden])')].map((li) => li.querySelector('.record').textContent)`;
  const place = `document.getElementById('place').textContent`;

  it('turns pages, filters and enlarges; text of others does nothing', async () => {
    await displayDataset(labelled, { page, sample: images });
    await opened(desktop, async ({ evaluate, press, complaints, screenshot }) => {
      expect(await evaluate('document.title')).toBe('labelled');
      expect(await evaluate(place)).toBe('1–96 of 130');
      await press('ArrowRight');
      expect(await evaluate(place)).toBe('97–130 of 130');
      expect((await evaluate<string[]>(shown))[0]).toBe('96');
      await press('ArrowRight');
      await press('ArrowLeft');
      expect(await evaluate(place)).toBe('1–96 of 130');

      await evaluate(
        `{ const select = document.getElementById('label'); select.value = '1'; select.dispatchEvent(new Event('change')); }`,
      );
      expect(await evaluate(place)).toBe('1–13 of 13');
      expect(await evaluate(shown)).toEqual(Array.from({ length: 13 }, (_, i) => String(i * 10)));

      await evaluate(`document.querySelectorAll('#images > li:not([hidden]) button')[1].click()`);
      const facts = `document.getElementById('large').open && document.getElementById('facts').textContent`;
      expect(await evaluate(facts)).toBe(`record 10 · ${hostile} · 10 ${hostile}.jpg`);
      await press('ArrowRight');
      expect(await evaluate(facts)).toContain('record 20 ');
      const { length } = await screenshot();
      expect(length).toBeGreaterThan(1000);
      await press('Escape');
      expect(await evaluate(facts)).toBe(false);
      expect(await evaluate(`document.activeElement.textContent`)).toContain('20');

      const loaded = await evaluate(
        `[...document.images].filter((image) => image.src !== '').every((image) => image.complete && image.naturalWidth === 16)`,
      );
      expect(loaded).toBe(true);
      expect(await evaluate('document.title')).toBe('labelled');
      expect(complaints).toEqual([]);
    });
  });

  it('fits a phone, light and dark', async () => {
    await displayDataset(labelled, { page });
    const looks = (dark: boolean) =>
      opened({ width: 390, height: 844, dark }, async ({ evaluate }) => ({
        width: await evaluate('document.documentElement.scrollWidth'),
        columns: await evaluate<number>(
          `getComputedStyle(document.getElementById('images')).gridTemplateColumns.split(' ').length`,
        ),
        ground: await evaluate<string>('getComputedStyle(document.body).backgroundColor'),
      }));
    const [light, dark] = [await looks(false), await looks(true)];
    expect(light.width).toBe(390);
    expect(light.columns).toBeGreaterThanOrEqual(3);
    expect(light.ground).toBe('rgb(250, 250, 250)');
    expect(dark.ground).toBe('rgb(22, 23, 26)');
  });
});

describe('displayDataset', () => {
  it('puts a file in place whole, and leaves nothing when it is stopped', async () => {
    const out = join(folder, 'stopped');
    await mkdir(out);
    const page = join(out, 'page.html');
    const displaying = displayDataset(labelled, { page }, { signal: AbortSignal.abort() });
    await expect(displaying).rejects.toMatchObject({ code: 'interrupted' });
    expect(await readdir(out)).toEqual([]);
  });

  it.each([
    [{}, 'option-invalid', /a sheet or a page/],
    [{ sheet: join(labelled, 'x.png') }, 'output-refused', /lies in the dataset/],
    [{ sheet: join(folder, 'nowhere', 'x.png') }, 'output-refused', /there is no folder/],
    [{ page: folder }, 'output-refused', /is a folder/],
    [{ page: join(folder, 'x.html'), level: 7 }, 'option-invalid', /has levels 2 to 4, got 7/],
    [{ page: join(folder, 'x.html'), records: [130] }, 'option-invalid', /expected 0…129, got 130/],
    [{ page: join(folder, 'x.html'), records: [] }, 'option-invalid', /records/],
    [{ page: join(folder, 'x.html'), columns: 0 }, 'option-invalid', /columns/],
    [
      { page: join(folder, 'x.html'), records: Array.from({ length: 400_000 }, () => 0) },
      'option-invalid',
      /400000 images of 16x12 are too many to look at together; show at most 349525/,
    ],
  ])('refuses %#', async (request, code, message) => {
    await expect(displayDataset(labelled, request)).rejects.toMatchObject({ code });
    await expect(displayDataset(labelled, request)).rejects.toThrow(message);
  });

  it('overwrites only its own kind of file', async () => {
    const [notes, disguised] = [join(folder, 'notes.csv'), join(folder, 'notes.png')];
    for (const file of [notes, disguised]) await writeFile(file, 'path,licence');
    const wrong = displayDataset(labelled, { sheet: notes });
    await expect(wrong).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(wrong).rejects.toThrow(/notes\.csv: a PNG picture is written there; .* ends in \.png$/);
    await expect(displayDataset(labelled, { sheet: disguised })).rejects.toMatchObject({
      code: 'output-refused',
    });
    for (const file of [notes, disguised]) expect(await readFile(file, 'utf8')).toBe('path,licence');
    const own = { sheet: join(folder, 'own.png'), page: join(folder, 'own.html'), records: [0] };
    const first = await displayDataset(labelled, own);
    expect(await displayDataset(labelled, own)).toEqual(first);
  });

  it('knows places beside a dataset', () => {
    expect(displayTargets(join('a', 'b'))).toEqual({ sheet: join('a', 'b.png'), page: join('a', 'b.html') });
    expect(displayTargets(`${join('a', 'b')}/`).page).toBe(join('a', 'b.html'));
    expect(displayTargets('.').page).toBe(`${process.cwd()}.html`);
  });
});
