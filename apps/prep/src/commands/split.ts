/** `prep split`: a dataset into one for training and one held out. */
import { dirname, join, basename, resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { defaultDistance, defaultLikeness, splitDataset, type SplitSummary } from '@pggan/dataset';
import { formatTable } from '@pggan/terminal';
import { hashDistance, leastLikeness, seed, shareOrCount } from './arguments.js';
import { writeJson, type Io } from './io.js';
import { replacedText, shownName } from './names.js';
import { withSteps } from './steps.js';

const help = `
Held-out pictures are drawn with the seed, and keep their order. So that nothing like them is in the training
set, images are compared by perceptual hash and then by their pixels, also left to right; pictures with near
duplicates (what is near to the same picture belongs together) all stay in the training set. A picture and its
mirror image stay together. Labels, settings and manifest lines go along; each line says where its image came from.

Hashes of the same photograph compressed, resized or brightened again differ in a few bits, seldom more than 8,
those of different photographs in about 30. With the defaults nearly all such copies are found, and those cropped by
up to 3 %; raise --distance and lower --likeness to find copies that were cropped further or turned.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep split data/datasets/sample --held 10%              data/datasets/sample-train and sample-held-out
  prep split data/datasets/cifar --held 5000 --stratify --seed 3
  prep split data/datasets/mnist --held 0.1 --no-check    digits look alike: do not compare them`;

const listed = 20;

function pairLines({ similar }: SplitSummary): string[] {
  if (!similar) return ['near duplicates: not looked for'];
  const { groups, pictures, pairs, width, height, distance, likeness } = similar;
  const compared = `compared at ${width}x${height}, up to ${distance} bits, likeness ${likeness}`;
  if (groups === 0) return [`near duplicates: none (${compared})`];
  const rows = pairs
    .slice(0, listed)
    .map(({ first, second, distance: bits, likeness: alike, mirrored }) => [
      '  images',
      first,
      'and',
      second,
      `${bits} bits, likeness ${alike.toFixed(2)}${mirrored ? ', mirrored' : ''}`,
    ]);
  const more = pairs.length > listed ? ['  and more; --json lists a thousand'] : [];
  return [
    `near duplicates: ${groups} groups with ${pictures} pictures, all in the training set (${compared})`,
    formatTable(rows),
    ...more,
  ];
}

function classLines({ classes }: SplitSummary): string[] {
  if (!classes) return [];
  const rows = classes.slice(0, 40).map(({ name, images, heldOut }) => [shownName(name), images, heldOut]);
  const more = classes.length > rows.length ? [`and ${classes.length - rows.length} more classes`] : [];
  return [formatTable([['class', 'images', 'held out'], ...rows]), ...more];
}

function formatSplit(summary: SplitSummary): string {
  const { train, heldOut, wanted } = summary;
  const short =
    heldOut.images < wanted
      ? `, ${wanted} were asked for; pictures and their mirror images stay together`
      : '';
  return [
    ...pairLines(summary),
    ...classLines(summary),
    `${train.out}: ${train.images} images${replacedText(train.replaced)}`,
    `${heldOut.out}: ${heldOut.images} images${short}${replacedText(heldOut.replaced)}`,
  ].join('\n');
}

/** `<dataset>-<what>` beside the dataset. */
function beside(dataset: string, what: string): string {
  const folder = resolve(dataset);
  const name = `${basename(folder)}-${what}`;
  return basename(dataset) === basename(folder) ? join(dirname(dataset), name) : join(dirname(folder), name);
}

export function splitCommand(io: Io) {
  return new Command('split')
    .summary('a dataset into one for training and one held out')
    .description('Hold pictures out of a dataset, without the same picture in both parts.')
    .argument('<dataset>', 'folder of the dataset')
    .addOption(
      new Option('--held <amount>', 'images to hold out: a share (0.1, 10%) or how many')
        .argParser(shareOrCount)
        .makeOptionMandatory(),
    )
    .option('--train <dir>', 'folder of the training set (default: <dataset>-train)')
    .option('--held-out <dir>', 'folder of what is held out (default: <dataset>-held-out)')
    .option('--replace', 'also datasets in those folders that were made from something else')
    .option('--seed <number>', 'of the drawing', seed, 0)
    .option('--stratify', 'hold out the same share of every class')
    .option('--distance <bits>', 'most bits between hashes of near duplicates', hashDistance, defaultDistance)
    .option('--likeness <number>', 'least correlation of their pixels', leastLikeness, defaultLikeness)
    .option('--mirrors', 'take mirror images for near duplicates (default)')
    .option('--no-mirrors', 'do not')
    .option('--no-check', 'do not look for near duplicates')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(
      async (
        dataset,
        { held, train, heldOut, replace, stratify, distance, likeness, mirrors, check, json, seed },
      ) => {
        const request = {
          held,
          seed,
          replace: replace ?? false,
          train: train ?? beside(dataset, 'train'),
          heldOut: heldOut ?? beside(dataset, 'held-out'),
          stratify: stratify ?? false,
          similar: check ? { distance, likeness, mirrors: mirrors !== false } : null,
        };
        const summary = await withSteps(io, 'images', (work) => splitDataset(dataset, request, work));
        io.stderr.write(`${formatSplit(summary)}\n`);
        if (json) writeJson(io, summary);
      },
    );
}
