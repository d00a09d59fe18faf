/** `prep compare`: do two datasets hold the same images and labels. */
import { Command } from '@commander-js/extra-typings';
import { compareDatasets, formatSize, type Comparison, type ComparedDataset } from '@pggan/dataset';
import { wholeNumber } from './arguments.js';
import { writeJson, writeText, type Io } from './io.js';
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

function describe({ directory, images, size, channels, labels }: ComparedDataset, compared: boolean): string {
  const labelled = !compared ? 'labels ignored' : labels === null ? 'no labels' : `labels of ${labels}`;
  return `${directory}: ${images} images of ${formatSize(size)}, ${channelsOf(channels)}, ${labelled}`;
}

function verdict({ same }: Comparison, labels: boolean): string {
  if (labels) return same ? 'the same' : 'different';
  return same ? 'the same images; labels were not compared' : 'different images; labels were not compared';
}

/** `name: 3 of them: 1, 2, …`, or nothing. */
function list(name: string, items: readonly (string | number)[], most: number): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, most).join(', ');
  return [
    `${name}: ${items.length}${most > 0 ? `: ${shown}` : ''}${items.length > most && most > 0 ? ', …' : ''}`,
  ];
}

export interface ComparisonText {
  readonly most: number; // record numbers to list
  readonly labels: boolean; // whether they were compared
}

export function formatComparison(comparison: Comparison, { most, labels }: ComparisonText): string {
  const { a, b, sameCount, sameShape, sameLabelSize, identicalImages, identicalLabels } = comparison;
  const lines = [describe(a, labels), describe(b, labels)];
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
  return [...lines, verdict(comparison, labels)].join('\n');
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
      writeText(io, formatComparison(comparison, { most, labels: !ignoreLabels }), json);
      if (json) writeJson(io, comparison);
      if (!comparison.same) io.finding();
    });
}
