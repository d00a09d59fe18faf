/** The page of a report: markup and style only, nothing on it runs. */
import { dropReasons, type DropReason } from '../../pipeline/reasons.js';
import { htmlPage } from '../html-page.js';
import { escapeHtml } from '../html-text.js';
import type { FaceEntry } from './face-entry.js';
import type { FramedPicture, PageModel, PagePair } from './page-model.js';
import {
  counted,
  decisionOf,
  factSheet,
  formatNumber,
  formatShare,
  note,
  portraitRules,
  safe,
  section,
  strip,
  tile,
} from './page-parts.js';
import { scoreCards } from './page-scores.js';
import { reportStyle } from './page-style.js';
import { mostNotesShown } from './survey.js';

function tally({ survey, images }: PageModel): string {
  const { lines, kept } = survey;
  const figure = (value: string, what: string) =>
    `<div><b>${value}</b><span>${escapeHtml(what)}</span></div>`;
  return (
    `<div class="tally">${figure(formatNumber(lines), 'lines of the manifest')}` +
    figure(formatNumber(kept), `kept, ${formatShare(kept, lines)}`) +
    figure(formatNumber(lines - kept), `dropped, ${formatShare(lines - kept, lines)}`) +
    `${figure(formatNumber(images), images === kept ? 'images' : 'images, with mirror images')}</div>`
  );
}

function describeReason(reason: string): string {
  return Object.hasOwn(dropReasons, reason) ? dropReasons[reason as DropReason] : '';
}

function reasons(model: PageModel): string {
  const { survey } = model;
  const sorted = [...survey.reasons].sort(([a, m], [b, n]) => n.offered - m.offered || (a < b ? -1 : 1));
  if (sorted.length === 0)
    return section('reasons', 'Why pictures were dropped', [note('None was dropped.')]);
  const most = Math.max(...sorted.map(([, { offered }]) => offered));
  const cards = sorted.map(([reason, sample]) => {
    const faces = sample.items();
    // What is the same for all is said once, in the description.
    const same = faces.every(({ detail }) => detail === faces[0]!.detail);
    const tiles = faces.map((face) => tile(face, same && faces.length > 1 ? '' : (face.detail ?? ''), model));
    const wide = faces.length > 4 ? ' wide' : '';
    return (
      `<article class="reason${wide}"><h3><code>${safe(reason)}</code><b>${formatNumber(sample.offered)}</b>` +
      `<svg width="100%" height="8" aria-hidden="true"><rect class="dropped" width="${((100 * sample.offered) / most).toFixed(2)}%" height="8" rx="2"/></svg>` +
      `</h3>${note(describeReason(reason))}${strip(tiles)}</article>`
    );
  });
  const rows = [`<div class="reasons">${cards.join('')}</div>`];
  return section('reasons', 'Why pictures were dropped', rows);
}

function pair({ first, second, facts }: PagePair, model: PageModel): string {
  return (
    `<div class="pair">${tile(first, decisionOf(first), model)}${tile(second, decisionOf(second), model)}` +
    `<span class="facts">${escapeHtml(facts)}</span></div>`
  );
}

function duplicates(model: PageModel): string {
  const { twins, near, survey, examples } = model;
  const parts: string[] = [];
  if (survey.twins.offered > 0)
    parts.push(
      `<h3>Dropped as duplicates</h3>`,
      note(
        `${counted(survey.twins.offered, 'line was', 'lines were')} dropped for another of the same; ${twins.length} shown.`,
      ),
      `<div class="pairs">${twins.map((each) => pair(each, model)).join('')}</div>`,
    );
  if (near && near.found > 0) {
    const pairs = near.pairs.map(({ entries: [first, second], distance, likeness, mirrored }) => ({
      first,
      second,
      facts: `${counted(distance, 'bit')} apart, likeness ${likeness}${mirrored ? ', mirrored' : ''}`,
    }));
    parts.push(
      `<h3>Near duplicates among the images</h3>`,
      note(
        `${counted(near.found, 'pair')} of images that were kept and look alike` +
          `${near.found > examples ? '; the most alike are shown' : ''}. The dataset has both.`,
      ),
      `<div class="pairs">${pairs.map((each) => pair(each, model)).join('')}</div>`,
    );
  }
  if (parts.length === 0)
    parts.push(note(near ? 'None was found.' : 'None in the manifest; images were not compared.'));
  return section('duplicates', 'Duplicates', parts);
}

function frame({ path, picture, width, height, faces }: FramedPicture): string {
  const quads = faces.flatMap((face) =>
    face.quad
      ? [
          `<a href="#f${face.line}"><polygon class="${face.kept ? 'kept' : 'dropped'}" points="${face.quad.join(' ')}"><title>${safe(decisionOf(face))}</title></polygon></a>`,
        ]
      : [],
  );
  const inside =
    'uri' in picture
      ? `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${safe(path)}"><image href="${picture.uri}" width="${width}" height="${height}"/>${quads.join('')}</svg>`
      : `<span class="pic none">${escapeHtml(picture.missing)}</span>`;
  return `<figure>${inside}<figcaption class="name">${safe(path)}</figcaption></figure>`;
}

function originals({ framed }: PageModel): string {
  const parts =
    framed === null
      ? [
          note(
            'Name the pictures with --source to see them here with the portraits that were cut out of them.',
          ),
        ]
      : framed.length === 0
        ? [note('The manifest has no portraits to draw.')]
        : [
            note('The square of every face in the manifest: kept ones in blue, dropped ones in orange.'),
            `<div class="frames">${framed.map(frame).join('')}</div>`,
          ];
  return section('originals', 'Portraits in their pictures', parts);
}

function notes({ survey }: PageModel): string {
  if (survey.notes.size === 0)
    return section('origin', 'Licence and origin', [note('The manifest has no notes about its pictures.')]);
  const tables = [...survey.notes].map(([name, texts]) => {
    const sorted = [...texts].sort(
      ([a, m], [b, n]) => n.kept + n.dropped - m.kept - m.dropped || (a < b ? -1 : 1),
    );
    const rows = sorted
      .slice(0, mostNotesShown)
      .map(
        ([text, { kept, dropped }]) =>
          `<tr><td class="name">${safe(text)}</td><td>${formatNumber(kept)}</td><td>${formatNumber(dropped)}</td></tr>`,
      );
    const more = sorted.length - rows.length;
    return (
      `<div class="scroll"><table><thead><tr><th>${safe(name)}</th><th>kept</th><th>dropped</th></tr></thead>` +
      `<tbody>${rows.join('')}</tbody></table></div>${more > 0 ? note(`and ${counted(more, 'other text')}`) : ''}`
    );
  });
  if (survey.unlistedNotes > 0)
    tables.push(note(`${counted(survey.unlistedNotes, 'text')} more than are counted one by one.`));
  return section('origin', 'Licence and origin', tables);
}

/** `faces`: all that the page shows, by line. */
export function reportPage(model: PageModel, faces: readonly FaceEntry[]): string {
  const { title, facts, examples, seed, noun } = model;
  const shown = noun === 'face' ? 'Faces shown' : 'Pictures shown';
  const inPictures = noun === 'face';
  const scores = scoreCards(model);
  const links = [
    ['reasons', 'Reasons'],
    ['scores', 'Scores'],
    ['duplicates', 'Duplicates'],
    ...(inPictures ? [['originals', 'Portraits in pictures'] as const] : []),
    ['origin', 'Licence and origin'],
    ['faces', shown],
  ].map(([id, text]) => `<a href="#${id}">${text}</a>`);
  return htmlPage({
    title: `${title}: report`,
    style: `${reportStyle}${portraitRules(model)}`,
    body: [
      `<header><h1>${safe(title)}</h1><p class="note">${facts.map(safe).join(' · ')}</p>${tally(model)}<nav>${links.join('')}</nav></header>\n<main>\n`,
      reasons(model),
      section('scores', 'Scores', [
        `<p class="note key"><span class="kept">kept</span><span class="dropped">dropped</span><span class="limit">line of the selection</span></p>`,
        ...(scores.length > 0 ? scores : [note('The manifest has no scores.')]),
      ]),
      duplicates(model),
      ...(inPictures ? [originals(model)] : []),
      notes(model),
      section('faces', shown, [
        note(
          `Up to ${examples} of every group, drawn with seed ${seed} where there are more. A ${noun} above leads to its place here.`,
        ),
        ...faces.map((face) => factSheet(face, model)),
      ]),
      '</main>',
    ],
  });
}
