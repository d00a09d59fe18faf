/** What a build has come to, for people. */
import { join } from 'node:path';
import { conversions, dropReasons, formatSize, type BuildSummary } from '@pggan/dataset';
import { formatBytes, formatDuration, formatTable } from '@pggan/terminal';

function rows<K extends string>(
  counts: Partial<Record<K, number>>,
  texts: Record<K, string>,
): [string, number, string][] {
  const entries = Object.entries(counts) as [K, number][];
  return entries.sort((a, b) => b[1] - a[1]).map(([code, count]) => [`  ${code}`, count, texts[code]]);
}

export function formatSummary(summary: BuildSummary, seconds: number): string {
  const { out, images, pictures, size, levels } = summary;
  const dropped = rows(summary.dropped, dropReasons);
  const count = Object.values(summary.dropped).reduce((sum, some) => sum + some, 0);
  const noted = rows(summary.converted, conversions);
  if (summary.severalFaces > 0)
    noted.push(['  several-faces', summary.severalFaces, 'the largest of several faces was taken']);
  const table: (readonly (string | number)[])[] = [
    ['pictures', pictures, summary.reused > 0 ? `${summary.reused} of them known from before` : ''],
    ['kept', pictures - count, images > pictures - count ? 'each a second time, left to right' : ''],
  ];
  if (dropped.length > 0) table.push(['dropped', count], ...dropped);
  if (noted.length > 0)
    table.push(['noted', '', 'used, though not plain upright RGB pictures of one face'], ...noted);
  if (summary.otherFiles > 0)
    table.push(['ignored', summary.otherFiles, 'files that are not named like pictures']);
  const shards = levels.flatMap((level) => level.shards);
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  return [
    formatTable(table),
    `${out}: ${images} images of ${formatSize(size)} in ${levels.length} levels, ` +
      `${formatBytes(bytes)}, ${formatDuration(seconds)}; look at ${join(out, 'sheet.png')}`,
  ].join('\n');
}
