/** `prep report`: one page about how a dataset came to be. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { reportDataset, reportTarget, type ReportStep } from '@pggan/dataset';
import { formatBytes } from '@pggan/terminal';
import { seed, wholeNumber } from './arguments.js';
import { writeJson, type Io } from './io.js';
import { withSteps } from './steps.js';

const help = `
One HTML file, made of the manifest, that needs no network, no server and no script: a histogram of every score with
the line that selection drew through it and faces on either side of it; why pictures were dropped, with examples;
duplicates and near duplicates side by side; the portraits drawn in their pictures; counts by licence and origin.

Kept faces are shown from the dataset. Dropped ones, and the pictures themselves, need --source: the pictures that the
dataset was made from. Text from files is shown as text, whatever it is.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep report data/datasets/photos --source photos              data/datasets/photos.report.html
  prep report data/datasets/photos --out report.html --examples 30 --seed 7`;

export function reportCommand(io: Io) {
  return new Command('report')
    .summary('a page about scores, reasons, duplicates and licences of a dataset')
    .description('Write a page about how a dataset came to be: scores, reasons, duplicates, licences.')
    .argument('<dataset>', 'folder of the dataset')
    .option('--out <file>', 'the page (default: <dataset>.report.html)')
    .option('--source <path>', 'the pictures the dataset was made from, to show those that were dropped')
    .option('--examples <count>', 'most faces of every group', wholeNumber(1, 100), 9)
    .option('--seed <number>', 'of the samples', seed, 0)
    .option('--no-check', 'do not look for near duplicates among the images')
    .option('--json', 'print the numbers as JSON on standard output')
    .addHelpText('after', help)
    .action(async (dataset, { out, source, check, json, ...options }) => {
      const scratch = source === undefined ? undefined : await mkdtemp(join(tmpdir(), 'pggan-report-'));
      try {
        const report = await withSteps<ReportStep, Awaited<ReturnType<typeof reportDataset>>>(
          io,
          { manifest: 'lines', compare: 'images', pictures: 'pictures' },
          (work) =>
            reportDataset(
              dataset,
              {
                page: out ?? reportTarget(dataset),
                ...(source === undefined || scratch === undefined
                  ? {}
                  : { source: { path: source, scratch } }),
                ...options,
                near: check,
              },
              work,
            ),
        );
        const { page, lines, kept, shown } = report;
        io.stderr.write(
          `${page.path}: ${kept} of ${lines} lines kept, ${shown} of them shown, ${formatBytes(page.bytes)}\n`,
        );
        if (json) writeJson(io, report);
      } finally {
        if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
      }
    });
}
