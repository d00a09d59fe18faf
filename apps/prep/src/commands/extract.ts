/** `prep extract`: the images of a dataset as picture files. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { extractDataset, formatSize, pictureFormats, type ExtractSummary } from '@pggan/dataset';
import { wholeNumber } from './arguments.js';
import { writeDamage, writeJson, type Io } from './io.js';
import { withProgress } from './steps.js';

const help = `
Pictures are called img00000000.png and so on, by their numbers in the dataset, in stored order. PNG and WebP keep
every pixel; JPEG is written with quality 95 and full colour resolution.

Labels go to labels.csv: a column of file names and one per label. "prep build-dataset" takes it with --labels.
The folder appears when it is complete, and must be new or empty.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C; nothing is left then.

Examples:
  prep extract data/datasets/sample --out pictures
  prep extract data/datasets/celebahq --out faces --level 8 --records 0-999 --format webp
  prep extract data/datasets/sample --out arrays --npy    images.npy for NumPy as well`;

/** `10-20`: records 10 to 20, as for the records of display. */
function range(text: string): { start: number; end: number } {
  const [, start, end] = /^(\d{1,12})-(\d{1,12})$/.exec(text.trim()) ?? [];
  if (start === undefined || Number(end) < Number(start))
    throw new InvalidArgumentError('Expected the first and the last number, such as 0-99.');
  return { start: Number(start), end: Number(end) + 1 };
}

export function formatExtractSummary({ out, images, size, format, labels, npy }: ExtractSummary): string {
  const further = [labels, npy].filter((name) => name !== null);
  const and = further.length > 0 ? `, ${further.join(', ')}` : '';
  return `${out}: ${images} ${format} pictures of ${formatSize(size)}${and}`;
}

export function extractCommand(io: Io) {
  return new Command('extract')
    .summary('the images of a dataset as picture files')
    .description('Write the images of a dataset as picture files.')
    .argument('<dataset>', 'folder of the dataset')
    .requiredOption('--out <dir>', 'folder for the pictures, new or empty')
    .addOption(
      new Option('--format <name>', 'of the pictures').choices(pictureFormats).default('png' as const),
    )
    .option('--level <number>', 'log2 of the larger side, 2 to 10 (default: the largest)', wholeNumber(2, 10))
    .option(
      '--records <from-to>',
      'from the first to the last of these numbers, such as 0-99 (default: all)',
      range,
    )
    .option('--npy', 'write images.npy as well: uint8 [images, channels, height, width]')
    .option('--workers <count>', 'pictures at a time (default: one per core)', wholeNumber(1))
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(async (dataset, { out, records, json, ...options }) => {
      const request = { ...options, ...(records === undefined ? {} : { range: records }) };
      const summary = await withProgress(io, { title: 'extract', unit: 'images' }, (work) =>
        extractDataset(dataset, out, request, work),
      );
      writeDamage(io, summary.damaged);
      io.stderr.write(`${formatExtractSummary(summary)}\n`);
      if (json) writeJson(io, summary);
    });
}
