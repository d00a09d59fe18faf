/** The scores on a report's page: how each is spread, where its line is, and faces on either side of it. */
import { escapeHtml } from '../html-text.js';
import type { FaceEntry } from './face-entry.js';
import { comparable } from './limits.js';
import { counted, formatNumber, formatShare, note, strip, tile } from './page-parts.js';
import type { PageModel } from './page-model.js';
import { drawHistogram, type Drawing } from './score-histogram.js';
import { byImportance, scoreName } from './score-names.js';
import type { LimitSurvey, ScoreSurvey } from './survey.js';

/** Height of the tallest bar, and of the text above the bars, pixels. */
const [height, above] = [110, 18];

const percent = (share: number) => `${Number((100 * share).toFixed(3))}%`;

function bars({ bars }: Drawing): string {
  const most = Math.max(1, ...bars.map(({ kept, dropped }) => kept + dropped));
  const tall = (count: number) => (count === 0 ? 0 : Math.max(1.5, (height * count) / most));
  const rect = (i: number, kind: string, y: number, h: number) =>
    h === 0
      ? ''
      : `<rect class="${kind}" x="${percent((i + 0.06) / bars.length)}" width="${percent(0.88 / bars.length)}" ` +
        `y="${(above + y).toFixed(1)}" height="${h.toFixed(1)}"/>`;
  return bars
    .map(({ from, to, kept, dropped }, i) => {
      if (kept + dropped === 0) return '';
      const [low, high] = [tall(kept), tall(dropped)];
      const words = `${formatNumber(from)} to ${formatNumber(to)}: ${counted(kept, 'kept', 'kept')}, ${counted(dropped, 'dropped', 'dropped')}`;
      return (
        `<g><title>${escapeHtml(words)}</title>${rect(i, 'kept', height - low, low)}` +
        `${rect(i, 'dropped', Math.max(0, height - low - high), high)}</g>`
      );
    })
    .join('');
}

function line({ limit }: LimitSurvey, drawing: Drawing): string {
  const at = Math.min(1, Math.max(0, drawing.place(limit.at)));
  const anchor = at < 0.1 ? 'start' : at > 0.9 ? 'end' : 'middle';
  const [from, width] = limit.side === 'least' ? [0, at] : [at, 1 - at];
  return (
    `<rect class="out" x="${percent(from)}" width="${percent(width)}" y="${above}" height="${height}"/>` +
    `<line class="limit" x1="${percent(at)}" x2="${percent(at)}" y1="${above - 3}" y2="${above + height}"/>` +
    `<text x="${percent(at)}" y="12" text-anchor="${anchor}">${limit.side === 'least' ? '≥' : '≤'} ${formatNumber(limit.at)}</text>`
  );
}

function histogram(name: string, score: ScoreSurvey): string {
  const shown = score.limits.map(({ limit }) => limit.at);
  const drawing = drawHistogram(score.histogram, shown);
  const [first, last] = [drawing.bars[0]!, drawing.bars.at(-1)!];
  const beyond = (count: number) => (count === 0 ? '' : ` (${formatNumber(count)} beyond)`);
  return (
    `<svg class="histogram" width="100%" height="${above + height}" role="img" aria-label="${escapeHtml(`histogram of ${name}`)}">` +
    `${score.limits.map((each) => line(each, drawing)).join('')}${bars(drawing)}</svg>` +
    `<p class="axis"><span>${formatNumber(first.from)}${beyond(drawing.below)}</span>` +
    `<span>${formatNumber(last.to)}${beyond(drawing.above)}</span></p>`
  );
}

function side(title: string, faces: readonly FaceEntry[], score: string, model: PageModel): string {
  if (faces.length === 0) return '';
  const tiles = faces.map((face) => tile(face, formatNumber(comparable(score, face.scores[score]!)), model));
  return `<h4>${escapeHtml(title)}</h4>${strip(tiles)}`;
}

function sides(
  name: string,
  unit: string,
  { limits, lowest, highest }: ScoreSurvey,
  model: PageModel,
): string {
  if (limits.length === 0)
    return side('Lowest', lowest.items(), name, model) + side('Highest', highest.items(), name, model);
  return limits
    .map(({ limit, beyond, failing, meeting }) => {
      const words = `${limit.side === 'least' ? 'at least' : 'at most'} ${formatNumber(limit.at)}${unit && ` ${unit}`}`;
      return (
        note(
          `${limit.cut ? 'The last of the best' : 'The line'}: ${words}. ${counted(beyond.count, `${model.noun} does`, `${model.noun}s do`)} not meet it.`,
        ) +
        side('On the wrong side, nearest first', failing.items(), name, model) +
        side('On the right side, nearest first', meeting.items(), name, model)
      );
    })
    .join('');
}

export function scoreCards(model: PageModel): string[] {
  const names = [...model.survey.scores].filter(([, { histogram }]) => histogram.min <= histogram.max);
  return names
    .sort(([a], [b]) => byImportance(a, b))
    .map(([name, score]) => {
      const { title, unit, what } = scoreName(name, model.noun);
      const { min, max, count } = score.histogram;
      const all = count.kept + count.dropped;
      const words =
        `${counted(all, model.noun)}, ${formatShare(count.kept, all)} kept; least ${formatNumber(min)}, ` +
        `median ${formatNumber(score.histogram.quantile(0.5))}, most ${formatNumber(max)}${unit && ` ${unit}`}`;
      return (
        `<article class="score"><h3>${escapeHtml(title)} <code>${escapeHtml(name)}</code></h3>` +
        `${note(what)}${histogram(title, score)}<p class="note">${escapeHtml(words)}</p>` +
        `<details${score.limits.length > 0 ? ' open' : ''}><summary>${score.limits.length > 0 ? `${model.noun === 'face' ? 'Faces' : 'Pictures'} about the line` : 'Lowest and highest'}</summary>` +
        `${sides(name, unit, score, model)}</details></article>`
      );
    });
}
