/** What a build has come to, for people. */
import { join } from 'node:path';
import {
  conversions,
  dropReasons,
  formatSize,
  marks,
  type BuildSummary,
  type SidecarMatch,
} from '@pggan/dataset';
import { replacedText, shownName } from './names.js';
import { formatBytes, formatDuration, formatTable } from '@pggan/terminal';

function rows<K extends string>(
  counts: Partial<Record<K, number>>,
  texts: Record<K, string>,
): [string, number, string][] {
  const entries = Object.entries(counts) as [K, number][];
  return entries.sort((a, b) => b[1] - a[1]).map(([code, count]) => [`  ${code}`, count, texts[code]]);
}

/** `"elsewhere.png" and others are none`: of the paths of a file. */
function unmatchedText({ listed, matched, unmatched }: SidecarMatch): string {
  if (unmatched === null) return 'all of them';
  return `not ${JSON.stringify(unmatched)}${listed - matched > 1 ? ' and others' : ''}`;
}

/** How much of a file of labels, landmarks or notes was of use. */
function sidecarRow(match: SidecarMatch): [string, number, string] {
  const { what, file, listed, matched, pictures, found } = match;
  const rest = found === pictures ? 'every picture is' : `${found} of ${pictures} pictures are`;
  return [
    what,
    matched,
    `of the ${listed} paths in ${file} are those of pictures, ${unmatchedText(match)}; ${rest} in it`,
  ];
}

/** More names than these help nobody. */
const listedLabels = 8;

function unusedText(names: readonly string[]): string {
  const listed = names.slice(0, listedLabels).map(shownName).join(', ');
  return `no image has these: ${listed}${names.length > listedLabels ? ', …' : ''}`;
}

export function formatSummary(summary: BuildSummary, seconds: number): string {
  const { out, images, pictures, candidates, kept, size, levels } = summary;
  const dropped = rows(summary.dropped, dropReasons);
  const noted = [...rows(summary.converted, conversions), ...rows(summary.marked, marks)];
  const table: (readonly (string | number)[])[] = [
    ['pictures', pictures, summary.reused > 0 ? `${summary.reused} of them known from before` : ''],
  ];
  if (candidates > pictures)
    table.push(['candidates', candidates, `${summary.severalFaces} pictures have several faces`]);
  table.push(['kept', kept, images > kept ? 'each a second time, left to right' : '']);
  if (dropped.length > 0) table.push(['dropped', candidates - kept], ...dropped);
  if (noted.length > 0) table.push(['noted', '', 'used, though not plain upright RGB pictures'], ...noted);
  for (const match of summary.sidecars) table.push(sidecarRow(match));
  if (summary.unusedLabels.length > 0)
    table.push(['unused labels', summary.unusedLabels.length, unusedText(summary.unusedLabels)]);
  if (summary.otherFiles > 0)
    table.push(['ignored', summary.otherFiles, 'files that are not named like pictures']);
  const shards = levels.flatMap((level) => level.shards);
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  return [
    formatTable(table),
    `${out}: ${images} images of ${formatSize(size)} in ${levels.length} levels, ` +
      `${formatBytes(bytes)}, ${formatDuration(seconds)}; look at ${join(out, 'sheet.png')}${replacedText(summary.replaced)}`,
  ].join('\n');
}
