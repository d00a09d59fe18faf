/** `prep compare`: do two datasets hold the same images and labels. */
import { Command } from '@commander-js/extra-typings';
import { compareDatasets, formatSize, type Comparison, type ComparedDataset } from '@pggan/dataset';
import { wholeNumber } from './arguments.js';
import { writeJson, type Io } from './io.js';
import { withProgress } from './steps.js';

const help = `
Compares pixel by pixel at the full resolution, and the labels. Either may be of the official tool.

--any-order asks whether both hold the same images, each as often, whatever their order, as after shuffling.

Exit codes: 0 the same, 1 they differ, or could not be read (the message says why), 2 wrong command line, 130
stopped by Ctrl-C.

Examples:
  prep compare data/datasets/sample /backup/sample
  prep compare mine official --ignore-labels --list 100
  prep compare shuffled plain --any-order --json > difference.json`;

const channelsOf = (channels: number) => (channels === 3 ? 'RGB' : 'gray');

function describe({ directory, images, size, channels, labels }: ComparedDataset): string {
  const labelled = labels === null ? 'no labels' : `labels of ${labels}`;
  return `${directory}: ${images} images of ${formatSize(size)}, ${channelsOf(channels)}, ${labelled}`;
}

/** `name: 3 of them: 1, 2, …`, or nothing. */
function list(name: string, items: readonly (string | number)[], most: number): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, most).join(', ');
  return [
    `${name}: ${items.length}${most > 0 ? `: ${shown}` : ''}${items.length > most && most > 0 ? ', …' : ''}`,
  ];
}

export function formatComparison(comparison: Comparison, most: number): string {
  const { a, b, sameCount, sameShape, sameLabelSize, identicalImages, identicalLabels } = comparison;
  const lines = [describe(a), describe(b)];
  if (!sameCount) lines.push(`the numbers of images differ: ${a.images} and ${b.images}`);
  if (!sameShape) lines.push('sizes or channels differ; no image can be compared');
  else {
    lines.push(`identical images: ${identicalImages}`);
    if (identicalLabels !== null) lines.push(`identical labels: ${identicalLabels}`);
    lines.push(
      ...list('different images', comparison.differentImages, most),
      ...list(
        'different labels',
        comparison.differentLabels.map(([x, y]) => (x === y ? x : `${x} and ${y}`)),
        most,
      ),
      ...list(`only in ${a.directory}`, comparison.onlyInA, most),
      ...list(`only in ${b.directory}`, comparison.onlyInB, most),
    );
  }
  if (sameLabelSize === false)
    lines.push(`the numbers of labels per image differ: ${a.labels ?? 0} and ${b.labels ?? 0}`);
  return [...lines, comparison.same ? 'the same' : 'different'].join('\n');
}

export function compareCommand(io: Io) {
  return new Command('compare')
    .summary('whether two datasets hold the same images and labels')
    .description('Compare images and labels of two datasets.')
    .argument('<a>', 'folder of a dataset')
    .argument('<b>', 'folder of another')
    .option('--ignore-labels', 'compare the images only')
    .option('--any-order', 'the order of the images does not matter')
    .option('--list <count>', 'list so many record numbers; the JSON has all', wholeNumber(0), 20)
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(async (a, b, { ignoreLabels, anyOrder = false, list: most, json }) => {
      const comparison = await withProgress(io, { title: 'compare', unit: 'images' }, (work) =>
        compareDatasets(a, b, { labels: !ignoreLabels, anyOrder, ...work }),
      );
      io.stderr.write(`${formatComparison(comparison, most)}\n`);
      if (json) writeJson(io, comparison);
      if (!comparison.same) io.finding();
    });
}
