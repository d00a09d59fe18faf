import { appendFile, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, reportDataset, reportTarget, type Report } from '../../../src/index.js';
import { temporaryFolder } from '../../folder.js';
import { celebaSource, noModel, options, put } from '../../pipeline/pictures.js';
import { chromium, withPage } from '../browser.js';
import { dropped, kept, makeDataset } from '../make-dataset.js';

const folder = temporaryFolder();
const page = join(folder, 'page.html');
const scratch = folder;

const hostile = [
  '<img src=x onerror=alert(1)>.jpg',
  '"><script>document.title="broken"</script>',
  '</style></script></title><script>document.title="broken"</script>.png',
  "' onmouseover='alert(1)' \u202egpj.exe",
  '{{constructor}}${document.title=1}<!--',
];

const html = (path = page) => readFile(path, 'utf8');

describe('a report of a build', () => {
  const [source, out] = [join(folder, 'celeba'), join(folder, 'faces')];
  let report: Report;

  beforeAll(async () => {
    await celebaSource(source, 20);
    await rename(join(source, 'img_celeba/000003.jpg'), join(source, 'img_celeba/three.jpg'));
    // The same bytes twice, and a file that is no picture.
    await writeFile(
      join(source, 'img_celeba/copy.jpg'),
      await readFile(join(source, 'img_celeba/000005.jpg')),
    );
    await writeFile(join(source, 'img_celeba/text.jpg'), 'no picture');
    const first = await readFile(join(source, 'img_celeba/000002.jpg'));
    await writeFile(join(source, 'img_celeba/zz.jpg'), first);
    const list = join(source, 'list_landmarks_celeba.txt');
    const text = await readFile(list, 'utf8');
    const count = Number(text.split('\n')[0]);
    const same = /^000002\.jpg (.*)$/m.exec(text)![1];
    await writeFile(list, text.replace(/^\d+/, String(count + 1)).replace('000003.jpg', 'three.jpg'));
    await appendFile(list, `zz.jpg ${same}\n`);
    // Half of the portraits reach farther beyond the picture than that.
    await buildDataset(options({ source, out, maxPad: 0.015, size: 64 }), noModel);
    report = await reportDataset(out, { page, source: { path: source, scratch }, examples: 4 });
  });

  it('counts what the manifest has', async () => {
    const lines = (await readFile(join(out, 'manifest.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { decision: string; reason: string; scores: { outside: number } | null },
      );
    const count = (reason: string) => lines.filter((line) => line.reason === reason).length;
    const outside = lines.flatMap(({ scores }) => (scores ? [scores.outside] : []));
    expect(report).toMatchObject({
      directory: out,
      lines: lines.length,
      kept: lines.filter(({ decision }) => decision === 'kept').length,
      reasons: { 'no-face': count('no-face'), 'too-much-outside': count('too-much-outside') },
      duplicates: count('duplicate'),
    });
    expect(count('too-much-outside')).toBeGreaterThan(0);
    expect(report.duplicates).toBeGreaterThan(0);
    const { limits, ...spread } = report.scores['outside']!;
    const beyond = outside.filter((value) => value > 0.015).length;
    expect(limits).toEqual([{ side: 'most', at: 0.015, cut: false, beyond }]);
    expect(spread).toMatchObject({
      count: outside.length,
      min: Math.min(...outside),
      max: Math.max(...outside),
    });
  });

  it('shows every face once, dropped ones too, and the squares in the pictures', async () => {
    const text = await html();
    const styles = [...text.matchAll(/^\.p(\d+)\{background-image:url\(data:image\/webp;base64,/gm)];
    expect(new Set(styles.map(([, line]) => line)).size).toBe(styles.length);
    expect(styles.length).toBeGreaterThanOrEqual(report.shown - 1);
    expect(text).toContain('no picture can be made of it');
    expect(text.match(/<polygon class="(kept|dropped)"/g)!.length).toBeGreaterThanOrEqual(4);
    expect(text).toContain('≤ 0.015');
    for (const heading of ['Why pictures were dropped', 'Scores', 'Duplicates', 'Licence and origin'])
      expect(text).toContain(`<h2>${heading}</h2>`);
  });

  it('is the same every time, and says nothing of where it was made', async () => {
    const again = join(folder, 'again.html');
    await reportDataset(out, { page: again, source: { path: source, scratch }, examples: 4 });
    expect(await html(again)).toBe(await html());
    expect(await html()).not.toContain(folder);
  });

  it('is refused at once when the pictures are others', async () => {
    const other = join(folder, 'other');
    await put(join(other, 'x.jpg'), await readFile(join(source, 'img_celeba/000001.jpg')));
    const steps: string[] = [];
    const wrong = reportDataset(
      out,
      { page: join(folder, 'wrong.html'), source: { path: other, scratch } },
      { onProgress: (step) => steps.push(step) },
    );
    await expect(wrong).rejects.toThrow(
      /other: has none of the pictures that .* it has "x\.jpg", the manifest "0/,
    );
    expect(steps).toEqual([]);
  });

  it('calls whole pictures so', async () => {
    const [set, path] = [join(folder, 'whole-set'), join(folder, 'whole.html')];
    await buildDataset(options({ source, out: set, align: 'none' }), noModel);
    await reportDataset(set, { page: path, near: false });
    const text = await html(path);
    expect(text).toContain('<h2>Pictures shown</h2>');
    const words = text.replace(/<style>[^]*?<\/style>|<[^>]*>/g, ' ');
    expect(words).not.toMatch(/\b(faces?|portraits?)\b/i);
    expect(words).not.toContain('≤ 1 '); // the limit of --max-pad is for faces
  });

  it('needs no pictures, but shows fewer then', async () => {
    const without = await reportDataset(out, { page: join(folder, 'without.html'), near: false });
    expect(without.nearDuplicates).toBeNull();
    const text = await html(join(folder, 'without.html'));
    expect(text).toContain('Name the pictures with --source');
    expect(text).toContain('no picture');
    expect(text).not.toContain('<polygon');
  });

  it('does not show a picture that has changed since', async () => {
    const path = join(source, 'img_celeba/000005.jpg');
    const before = await readFile(path);
    await appendFile(path, 'x');
    try {
      await reportDataset(out, {
        page: join(folder, 'changed.html'),
        source: { path: source, scratch },
        examples: 40,
      });
      expect(await html(join(folder, 'changed.html'))).toContain('has changed in the source');
    } finally {
      await writeFile(path, before);
    }
  });
});

describe('a page with text of others', () => {
  const out = join(folder, 'hostile');

  beforeAll(async () => {
    const lines = hostile.flatMap((text, i) => [
      kept(text, i, {
        scores: { [text]: i, sharpness: 3 + i },
        notes: { licence: text, [text]: 'x', origin: `https://example.org/${text}` },
        quad: [10, 10, 10, 50, 50, 50, 50, 10],
      }),
      dropped(text, text),
    ]);
    await makeDataset(out, { seeds: [1, 1, 2, 3, 4], manifest: lines });
    await reportDataset(out, { page });
  });

  it('has it as text only', async () => {
    const text = await html();
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;.jpg');
    expect(text).not.toMatch(/<script|<img|onerror="| style=| on[a-z]+=["']/);
    expect(text.match(/<style>|<\/style>/g)).toEqual(['<style>', '</style>']);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text)![1]!;
    expect(policy).toMatch(/^default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-/);
    expect(policy).not.toMatch(/unsafe|script-src/);
  });

  it('lists licences and origins with counts', async () => {
    const text = await html();
    expect(text).toContain('<th>licence</th>');
    expect(text).toContain('<th>origin</th>');
    expect(text).toContain('<td class="name">https://example.org/&lt;img src=x');
  });

  it('has equal images side by side', async () => {
    const { nearDuplicates } = await reportDataset(out, { page });
    expect(nearDuplicates).toBe(1);
    expect(await html()).toContain('0 bits apart, likeness 1');
  });

  it.skipIf(!chromium).each([
    ['desk', 1280, false],
    ['phone', 390, true],
  ] as const)(
    'in Chromium at the width of a %s: runs nothing, fetches nothing, fits',
    async (name, width, dark) => {
      const url = pathToFileURL(page).href;
      await withPage(url, join(folder, `profile-${name}`), { width, height: 844, dark }, async (shown) => {
        expect(await shown.evaluate('document.title')).toBe('hostile: report');
        expect(await shown.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect(await shown.evaluate('document.scripts.length')).toBe(0);
        expect(await shown.evaluate(`document.querySelectorAll('img, iframe, [onerror]').length`)).toBe(0);
        const names = await shown.evaluate<string[]>(
          `[...document.querySelectorAll('#faces h3')].map((each) => each.textContent)`,
        );
        expect(new Set(names)).toEqual(new Set(hostile));
        const bar = `getComputedStyle(document.querySelector('svg.histogram rect.kept')).fill`;
        expect(await shown.evaluate(bar)).toBe(dark ? 'rgb(122, 169, 247)' : 'rgb(47, 111, 208)');
        const portrait = `getComputedStyle(document.querySelector('.face.kept .pic')).backgroundImage`;
        expect(await shown.evaluate(portrait)).toMatch(/^url\("data:image\/webp/);
        expect(shown.requests).toEqual([url]);
        expect(shown.complaints).toEqual([]);
      });
    },
  );
});

it('a near duplicate is beside the very face that was kept instead', async () => {
  const manifest = [
    kept('group.jpg', 0, { face: 0 }),
    kept('group.jpg', 1, { face: 1 }),
    { ...dropped('again.jpg', 'near-duplicate'), nearDuplicateOf: { path: 'group.jpg', face: 1 } },
  ];
  const out = await makeDataset(join(folder, 'near'), { seeds: [1, 2], manifest });
  const { duplicates } = await reportDataset(out, { page: join(folder, 'near.html') });
  expect(duplicates).toBe(1);
  const [, pairs] = /<div class="pairs">(.*?)<\/section>/s.exec(await html(join(folder, 'near.html')))!;
  expect([...pairs!.matchAll(/href="#f(\d)"/g)].map(([, line]) => line)).toEqual(['2', '3']);
  expect(pairs).toContain('group.jpg · face 1');
});

describe('reportDataset', () => {
  it('refuses a dataset without a manifest, and places where no page may lie', async () => {
    const bare = await makeDataset(join(folder, 'bare'));
    const refused = (request: Parameters<typeof reportDataset>[1]) =>
      expect(reportDataset(bare, request)).rejects;
    await refused({ page }).toMatchObject({
      code: 'dataset-invalid',
      message: /bare: has no manifest\.jsonl/,
    });
    await refused({ page: join(bare, 'x.html') }).toMatchObject({ code: 'output-refused' });
    await refused({ page, examples: 0 }).toMatchObject({ code: 'option-invalid' });
    expect(reportTarget('data/set/')).toBe(join('data', 'set.report.html'));
  });

  it('leaves nothing when it is stopped', async () => {
    const out = await makeDataset(join(folder, 'stopping'), { manifest: [kept('a.jpg', 0)] });
    const before = await readdir(folder);
    const stopped = reportDataset(
      out,
      { page: join(folder, 'stopped.html') },
      { signal: AbortSignal.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(await readdir(folder)).toEqual(before);
  });
});
