/**
 * A page to look through images of a dataset: one HTML file that needs no network, no server and, for the mere
 * images, no script. The policy in its head lets nothing run or load but what is in the file.
 */
import { createHash } from 'node:crypto';
import { pageScript } from './display-script.js';
import { pageStyle } from './display-style.js';
import { escapeHtml } from './html-text.js';

export interface PageImage {
  readonly record: number;
  readonly uri: string; // data:image/…
  readonly on: readonly number[]; // components of the labels that are on
  readonly facts: string; // labels and source in words
}

export interface Page {
  readonly title: string;
  readonly summary: string; // what the images are and which of them are shown
  readonly width: number; // of an image, pixels
  readonly height: number;
  readonly labels: readonly string[]; // names of the components; empty: nothing to filter by
  readonly images: readonly PageImage[];
}

const hashSource = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Names under an image; the enlarged one has all. */
const captionLabels = 2;

function cell(image: PageImage, { labels, width, height }: Page): string {
  const names = image.on.slice(0, captionLabels).map((i) => labels[i]!);
  const caption = [...names, ...(image.on.length > captionLabels ? ['…'] : [])].join(', ');
  const facts = `record ${image.record}${image.facts === '' ? '' : ` · ${image.facts}`}`;
  return (
    `<li data-on="${image.on.join(' ')}" data-facts="${escapeHtml(facts)}"><button type="button">` +
    `<img src="${image.uri}" width="${width}" height="${height}" alt="${escapeHtml(facts)}" decoding="async">` +
    `<span class="caption"><span class="record">${image.record}</span>` +
    `<span class="name">${escapeHtml(caption)}</span></span></button></li>`
  );
}

function filter({ labels, images }: Page): string {
  const counts = labels.map((_, i) => images.filter(({ on }) => on.includes(i)).length);
  const options = labels
    .map((name, i) => ({ name, i, count: counts[i]! }))
    .filter(({ count }) => count > 0)
    .map(({ name, i, count }) => `<option value="${i}">${escapeHtml(name)} (${count})</option>`);
  if (options.length === 0) return '';
  return (
    `<label>Label <select id="label"><option value="">all (${images.length})</option>` +
    `${options.join('')}</select></label>`
  );
}

export function displayPage(page: Page): string {
  const style = pageStyle(page.width, page.height);
  const policy =
    `default-src 'none'; img-src data:; style-src ${hashSource(style)}; script-src ${hashSource(pageScript)}; ` +
    "base-uri 'none'; form-action 'none'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(page.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(page.title)}</h1>
<p>${escapeHtml(page.summary)}</p>
<nav class="scripted" aria-label="Images">
${filter(page)}
<span class="turn"><button type="button" id="back" aria-label="previous page">←</button>
<output id="place"></output>
<button type="button" id="forth" aria-label="next page">→</button></span>
</nav>
</header>
<main>
<ul id="images">
${page.images.map((image) => cell(image, page)).join('\n')}
</ul>
<p id="none" hidden>No image has this label.</p>
</main>
<dialog id="large" aria-labelledby="facts">
<img id="enlarged" alt="">
<p id="facts"></p>
<nav aria-label="Enlarged image">
<button type="button" id="earlier" aria-label="previous image">←</button>
<button type="button" id="close">Close</button>
<button type="button" id="later" aria-label="next image">→</button>
</nav>
</dialog>
<script>${pageScript}</script>
</body>
</html>
`;
}
