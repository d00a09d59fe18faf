/** Pieces of a report's page. All that comes from files is escaped here. */
import { escapeHtml } from '../html-text.js';
import { shortened, type FaceEntry } from './face-entry.js';
import type { PageModel } from './page-model.js';

/** Four significant digits, thousands apart. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(4)));
}

export const formatShare = (part: number, whole: number) =>
  whole === 0 ? '0 %' : `${Number(((100 * part) / whole).toPrecision(3))} %`;

export const counted = (count: number, one: string, many = `${one}s`) =>
  `${formatNumber(count)} ${count === 1 ? one : many}`;

/** Text of others, cut off when it is long. */
export const safe = (text: string) => escapeHtml(shortened(text));

/** The picture, and which of its faces where it has several. */
export const nameOf = ({ path, face }: FaceEntry) => (face ? `${path} · face ${face}` : path);

export const decisionOf = ({ kept, reason }: FaceEntry) => (kept ? 'kept' : (reason ?? 'dropped'));

/** The style rule that gives all tiles of a face their picture: each is in the file once. */
export function portraitRules({ portraits }: PageModel): string {
  return [...portraits]
    .filter(([, picture]) => 'uri' in picture)
    .map(([line, picture]) => `.p${line}{background-image:url(${'uri' in picture ? picture.uri : ''})}`)
    .join('\n');
}

function portrait(line: number, { portraits }: PageModel): string {
  const picture = portraits.get(line);
  if (picture && 'uri' in picture) return `<span class="pic p${line}"></span>`;
  return `<span class="pic none">${escapeHtml(picture?.missing ?? 'no picture')}</span>`;
}

/** A face with a line of text; leads to all that is known of it. */
export function tile(face: FaceEntry, caption: string, model: PageModel): string {
  const { line, kept } = face;
  return (
    `<a class="face ${kept ? 'kept' : 'dropped'}" href="#f${line}" title="${safe(`${nameOf(face)}: ${decisionOf(face)}`)}">` +
    `${portrait(line, model)}<span class="cap">${escapeHtml(caption)}</span>` +
    `<span class="name">${safe(nameOf(face))}</span></a>`
  );
}

export const strip = (tiles: readonly string[]) => `<div class="strip">${tiles.join('')}</div>`;

export function section(id: string, title: string, parts: readonly string[]): string {
  return `<section id="${id}"><h2>${escapeHtml(title)}</h2>\n${parts.join('\n')}\n</section>\n`;
}

export const note = (text: string) => `<p class="note">${escapeHtml(text)}</p>`;

/** All that is known of a face, below everything else. */
export function factSheet(face: FaceEntry, model: PageModel): string {
  const { line, kept, detail, record, picture, scores, columns, sha256 } = face;
  const facts: (readonly [string, string])[] = [
    ['manifest line', formatNumber(line)],
    ...(record === null ? [] : [['record', formatNumber(record)] as const]),
    ...(picture ? [['picture', `${picture.width} × ${picture.height}`] as const] : []),
    ...columns,
    ...Object.entries(scores).flatMap(([name, value]) =>
      value === null ? [] : [[name, formatNumber(value)] as const],
    ),
    ...(sha256 === null ? [] : [['sha256', `${sha256.slice(0, 12)}…`] as const]),
  ];
  const list = facts
    .map(([name, value]) => `<div><dt>${safe(name)}</dt><dd>${safe(value)}</dd></div>`)
    .join('');
  const why = kept || detail === null ? '' : ` <span class="name">${safe(detail)}</span>`;
  return (
    `<article id="f${line}" class="${kept ? 'kept' : 'dropped'}">${portrait(line, model)}<div>` +
    `<h3>${safe(nameOf(face))}</h3><p><span class="mark">${safe(decisionOf(face))}</span>${why}</p><dl>${list}</dl></div></article>`
  );
}
