/** What a build has come to, for people. */
import { join } from 'node:path';
import { conversions, dropReasons, formatSize, marks, type BuildSummary } from '@pggan/dataset';
import { replacedText } from './names.js';
import { formatBytes, formatDuration, formatTable } from '@pggan/terminal';

function rows<K extends string>(
  counts: Partial<Record<K, number>>,
  texts: Record<K, string>,
): [string, number, string][] {
  const entries = Object.entries(counts) as [K, number][];
  return entries.sort((a, b) => b[1] - a[1]).map(([code, count]) => [`  ${code}`, count, texts[code]]);
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
