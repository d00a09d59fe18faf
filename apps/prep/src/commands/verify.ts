/** `prep verify`: is everything in a dataset folder as it was written. */
import { Command } from '@commander-js/extra-typings';
import { findingCodes, verifyDataset, type FindingCode, type VerifyReport } from '@pggan/dataset';
import { formatBytes, formatTable } from '@pggan/terminal';
import { wholeNumber } from './arguments.js';
import { writeJson, writeText, type Io } from './io.js';
import { withProgress } from './steps.js';

const help = `
Reads every file once. Of each record: both checksums, the shape, and that the smaller images are the averages of
the largest one. Of the whole: counts, sizes, labels, the manifest (every image from exactly one picture), the
CRC-32C of each file in index.json, and the SHA-256 of that itself. A dataset of the official tool, without index.json,
is checked as far as it can be.

--sha256 also computes the SHA-256 of every file. It finds damage that was made on purpose; on processors without
SHA instructions it takes several times as long as everything else.

Exit codes: 0 sound, 1 something was found, or it could not be checked (the message says why), 2 wrong command
line, 130 stopped by Ctrl-C.

Examples:
  prep verify data/datasets/sample
  prep verify data/datasets/sample --sha256 --json > report.json
  prep verify celebahq && pggan train --data celebahq`;

function foundLines({ findings, total, counts, damaged, directory }: VerifyReport): string[] {
  const codes = (Object.entries(counts) as [FindingCode, number][]).sort((a, b) => b[1] - a[1]);
  const files = Object.keys(damaged).length;
  const rest = total - findings.length;
  return [
    ...findings.map(({ code, message }) => `${code}: ${message}`),
    ...(rest > 0 ? [`and ${rest} more; --list shows more of them`] : []),
    '',
    formatTable(codes.map(([code, count]) => [`  ${code}`, count, findingCodes[code]])),
    `${directory}: ${total} ${total === 1 ? 'finding' : 'findings'} in ${files} ${files === 1 ? 'file' : 'files'}; ` +
      `"prep repair ${directory}" restores what can be restored`,
  ];
}

export function formatVerifyReport(report: VerifyReport, seconds: number): string {
  if (!report.sound) return foundLines(report).join('\n');
  const { directory, images, size, levels, labels, manifest, indexed, bytes, sha256 } = report;
  const with_ = [
    labels === null ? 'no labels' : `labels of ${labels}`,
    manifest ? 'a manifest' : 'no manifest',
    indexed ? `an index${sha256 ? ', SHA-256 compared' : ''}` : 'no index',
  ];
  const rate = seconds > 0 ? `, ${formatBytes(Math.round(bytes / seconds))}/s` : '';
  return (
    `${directory}: sound; ${images} images of ${size!.width}x${size!.height} in ${levels} levels, ` +
    `${with_.join(', ')}; ${formatBytes(bytes)}${rate}`
  );
}

export function verifyCommand(io: Io) {
  return new Command('verify')
    .summary('check every record, level, label and file of a dataset')
    .description('Check that everything in a dataset is as it was written and as it must be.')
    .argument('<dataset>', 'folder of the dataset')
    .option('--sha256', "compare with the index's SHA-256 as well; slow")
    .option('--list <count>', 'list so many findings; all are counted', wholeNumber(0), 100)
    .option('--json', 'print the report as JSON on standard output')
    .addHelpText('after', help)
    .action(async (dataset, { sha256 = false, list, json }) => {
      const started = performance.now();
      const report = await withProgress(io, { title: 'verify', unit: 'bytes' }, (work) =>
        verifyDataset(dataset, { sha256, findings: list, ...work }),
      );
      writeText(io, formatVerifyReport(report, (performance.now() - started) / 1000), json);
      if (json) writeJson(io, report);
      if (!report.sound) io.finding();
    });
}
