/** `prep display`: a contact sheet and a page of images of a dataset. */
import { Command, Option } from '@commander-js/extra-typings';
import { displayDataset, displayTargets } from '@pggan/dataset';
import { formatBytes } from '@pggan/terminal';
import { numberRanges, seed, wholeNumber } from './arguments.js';
import { writeDamage, writeJson, type Io } from './io.js';
import { withProgress } from './steps.js';

const help = `
The sheet is one PNG picture. The page is one HTML file that needs no network: a grid of images with their record
numbers and labels, a filter by label, pages (arrow keys), and each image enlarged (click; arrow keys go on).
Its images are compressed without loss.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep display data/datasets/sample                              data/datasets/sample.png and .html
  prep display data/datasets/sample --html look.html --sample 500 --seed 7
  prep display data/datasets/sample --out first.png --records 0-99 --columns 20 --level 5`;

export function displayCommand(io: Io) {
  return new Command('display')
    .summary('a contact sheet and a page of images of a dataset')
    .description('Show images of a dataset: a contact sheet (PNG) and a page (HTML).')
    .argument('<dataset>', 'folder of the dataset')
    .option('--out <file>', 'write the sheet here, and no page unless --html is given')
    .option('--html <file>', 'write the page here, and no sheet unless --out is given')
    .option(
      '--level <number>',
      'log2 of the larger side (default: largest up to 256 pixels)',
      wholeNumber(2, 10),
    )
    .addOption(
      new Option('--records <numbers>', 'show these, such as 0-99,200; not a sample')
        .argParser(numberRanges)
        .conflicts('sample'),
    )
    .option('--sample <count>', 'images to draw (default: 96)', wholeNumber(1))
    .option('--seed <number>', 'of the sample', seed, 0)
    .option('--columns <count>', 'of the sheet (default: to make it 4 by 3)', wholeNumber(1, 1000))
    .option('--no-labels', 'leave the labels out of the page')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(async (dataset, { out, html, json, ...options }) => {
      const both = out === undefined && html === undefined;
      const { sheet = out, page = html } = both ? displayTargets(dataset) : {};
      const request = Object.fromEntries(
        Object.entries({ sheet, page, ...options }).filter(([, value]) => value !== undefined),
      );
      const display = await withProgress(io, { title: 'display', unit: 'images' }, (work) =>
        displayDataset(dataset, request, work),
      );
      const { records, width, height, files } = display;
      const shown = `${records.length} images of ${width}x${height}`;
      writeDamage(io, display.damaged);
      for (const { path, bytes } of files) io.stderr.write(`${path}: ${shown}, ${formatBytes(bytes)}\n`);
      if (json) writeJson(io, display);
    });
}
