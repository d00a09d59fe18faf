/** A page to look through images of a dataset; for the mere images it needs no script. */
import { pageScript } from './display-script.js';
import { pageStyle } from './display-style.js';
import { htmlPage } from '../html-page.js';
import { escapeHtml } from '../html-text.js';

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
  const body = `<header>
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
</dialog>`;
  const style = pageStyle(page.width, page.height);
  return htmlPage({ title: page.title, style, script: pageScript, body: [body] });
}
