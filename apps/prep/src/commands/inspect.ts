/** `prep inspect`: what is in a dataset, as tables and histograms. */
import { Command } from '@commander-js/extra-typings';
import {
  inspectDataset,
  type ChannelStatistics,
  type Inspection,
  type LabelSummary,
  type NumberSummary,
  type PictureSummary,
} from '@pggan/dataset';
import { formatBytes, formatTable } from '@pggan/terminal';
import { seed, wholeNumber } from './arguments.js';
import { blocksFor, type Blocks } from './blocks.js';
import { writeDamage, writeJson, writeText, type Io } from './io.js';
import { shownName } from './names.js';
import { withProgress } from './steps.js';

const help = `
Shows the levels and their files, the labels (images per class, or the range of each component), statistics of the
pixel values, and, where the dataset has a manifest, the pictures it was made from: what was dropped and why, and
how sizes and scores are spread.

Pixels are counted in the largest images: in all of them up to 1 GiB, else in a sample of that size.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep inspect data/datasets/sample
  prep inspect data/datasets/celebahq --sample 1000     pixels of 1000 images only
  prep inspect data/datasets/sample --json > sample.json`;

const barWidth = 40;
/** Classes and components that are listed; the JSON has all. */
const listed = 40;

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const short = (value: number) => String(Number(value.toPrecision(4)));

function more(count: number, what: string): string[] {
  return count > listed ? [`  and ${count - listed} more ${what}; --json lists all`] : [];
}

function levelLines({ levels }: Inspection): string {
  const rows = levels.map(({ level, width, height, records, shards, bytes }) => [
    level,
    `${width}x${height}`,
    records,
    shards,
    formatBytes(bytes),
  ]);
  return formatTable([['level', 'size', 'records', 'files', 'bytes'], ...rows]);
}

function labelLines(labels: LabelSummary, images: number, blocks: Blocks): string[] {
  if (labels.kind === 'classes') {
    const { classes } = labels;
    const largest = Math.max(...classes.map((each) => each.images));
    const rows = classes
      .slice(0, listed)
      .map(({ name, images: count }) => [
        `  ${shownName(name)}`,
        count,
        percent(count / images).padStart(7),
        blocks.bar(count / largest, barWidth),
      ]);
    return [`labels: ${classes.length} classes`, formatTable(rows), ...more(classes.length, 'classes')];
  }
  const { components } = labels;
  const rows = components
    .slice(0, listed)
    .map(({ name, min, mean, max }) => [`  ${shownName(name)}`, short(min), short(mean), short(max)]);
  return [
    `labels: ${components.length} components`,
    formatTable([['  name', 'min', 'mean', 'max'], ...rows]),
    ...more(components.length, 'components'),
  ];
}

function pixelLines({ pixels, images, width, height }: Inspection, blocks: Blocks): string[] {
  const which = pixels.sampled
    ? `${pixels.images} of ${images} images, drawn with seed ${pixels.seed}`
    : `all ${images} images`;
  const row = ({ channel, mean, sd, min, max, black, white, histogram }: ChannelStatistics) => [
    `  ${channel}`,
    mean.toFixed(1).padStart(5),
    sd.toFixed(1).padStart(5),
    min,
    max,
    percent(black).padStart(7),
    percent(white).padStart(7),
    `|${blocks.profile(histogram)}|`,
  ];
  return [
    `pixels: ${which}, ${width}x${height}`,
    formatTable([
      ['  channel', 'mean', 'sd', 'min', 'max', 'at 0', 'at 255', '0 to 255'],
      ...pixels.channels.map(row),
    ]),
  ];
}

function histogramLines(name: string, summary: NumberSummary, blocks: Blocks): string[] {
  const { min, median, mean, max, bins } = summary;
  const largest = Math.max(...bins.map(({ count }) => count));
  const rows = bins.map(({ from, to, count }) => [
    `  ${short(from).padStart(7)} to ${short(to)}`,
    count,
    blocks.bar(count / largest, barWidth),
  ]);
  return [
    `${name}: ${short(min)} to ${short(max)}, median ${short(median)}, mean ${short(mean)}`,
    formatTable(rows),
  ];
}

const measureNames: Record<keyof PictureSummary['measures'], string> = {
  width: 'width of the pictures, pixels',
  height: 'height of the pictures, pixels',
  faceSize: 'side of what was cut out, pixels of the picture',
  sharpness: 'sharpness',
  enlarged: 'enlargement',
  outside: 'share outside the picture',
  quality: 'quality, dB',
  spectrum: 'spectrum score, dB',
  noise: 'noise, grey levels',
  jpegQuality: 'quality of the JPEG files',
  yaw: 'turned to a side, degrees',
  pitch: 'looking up or down, degrees',
  nearest: 'bits to the portrait most like it, where one is near',
};

function pictureLines(summary: PictureSummary, blocks: Blocks): string[] {
  const { pictures, candidates, kept, dropped, formats, converted, measures } = summary;
  const counts = (title: string, rows: Readonly<Record<string, number>>) =>
    Object.entries(rows).map(([key, count], i) => [i === 0 ? `  ${title}` : '', shownName(key), count]);
  const table = [
    ...counts('dropped', dropped),
    ...counts('formats', formats),
    ...counts('converted', converted),
  ];
  const faces = candidates > pictures ? `, with ${candidates} faces or pictures without one` : '';
  const lines = [`pictures: ${pictures} in the manifest${faces}, ${kept} kept`];
  if (table.length > 0) lines.push(formatTable(table));
  for (const [measure, name] of Object.entries(measureNames)) {
    const found = measures[measure as keyof typeof measures];
    if (found && found.min < found.max) lines.push('', ...histogramLines(name, found, blocks));
    else if (found) lines.push('', `${name}: ${short(found.min)}`);
  }
  return lines;
}

export function formatInspection(inspection: Inspection, blocks: Blocks): string {
  const { directory, images, width, height, channels, labels, pictures, source } = inspection;
  const kind = source?.['kind'];
  const made = typeof kind === 'string' ? `, made from: ${kind}` : '';
  return [
    `${directory}: ${images} images of ${width}x${height}, ${channels === 3 ? 'RGB' : 'gray'}${made}`,
    '',
    levelLines(inspection),
    '',
    ...(labels ? labelLines(labels, images, blocks) : ['labels: none']),
    '',
    ...pixelLines(inspection, blocks),
    '',
    ...(pictures ? pictureLines(pictures, blocks) : ['pictures: no manifest']),
  ].join('\n');
}

export function inspectCommand(io: Io) {
  return new Command('inspect')
    .summary('sizes, labels, pixel statistics and pictures of a dataset')
    .description('Show what is in a dataset: tables and histograms.')
    .argument('<dataset>', 'folder of the dataset')
    .option('--sample <count>', 'count the pixels of so many images only', wholeNumber(1))
    .option('--seed <number>', 'of the sample', seed, 0)
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(async (dataset, { sample, seed, json }) => {
      const inspection = await withProgress(io, { title: 'inspect', unit: 'images' }, (work) =>
        inspectDataset(dataset, { seed, ...(sample === undefined ? {} : { sample }) }, work),
      );
      writeDamage(io, inspection.damaged);
      const blocks = blocksFor(json ? io.stderr : io.stdout);
      writeText(io, formatInspection(inspection, blocks), json);
      if (json) writeJson(io, inspection);
    });
}
