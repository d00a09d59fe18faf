/** `prep merge`: several datasets into one. */
import { Command, Option } from '@commander-js/extra-typings';
import {
  defaultDistance,
  defaultLikeness,
  duplicateModes,
  mergeDatasets,
  mergeLabelModes,
  officialOrderSeed,
  type MergeSummary,
} from '@pggan/dataset';
import { formatTable } from '@pggan/terminal';
import { datasetName, hashDistance, leastLikeness, seed, wholeNumber } from './arguments.js';
import { writeJson, type Io } from './io.js';
import { replacedText, shownName } from './names.js';
import { withSteps } from './steps.js';

const help = `
All datasets must have images of one size and number of channels. Near duplicates are reported: images are
compared by perceptual hash and then by their pixels (--mirrors: also left to right). --no-check leaves that out:
equal images can be dropped all the same.

--duplicates: keep all; drop: leave out images equal to an earlier one; drop-near: leave out near duplicates
of an earlier one. A picture's mirror image goes where the picture goes. One dataset alone may be given.
--labels: same: all have the same components; union: all components of all by name, 0 where a dataset does not have
them; none: without labels.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep merge data/datasets/a data/datasets/b --out data/datasets/both --shuffle
  prep merge data/datasets/cats data/datasets/dogs --out data/datasets/pets --labels union
  prep merge data/datasets/photos --out data/datasets/clean --duplicates drop-near`;

const listed = 20;

function nearLines({ near, datasets, duplicates }: MergeSummary): string[] {
  if (!near) return ['near duplicates: not looked for'];
  const { pictures, across, pairs, distance, likeness } = near;
  const compared = `up to ${distance} bits, likeness ${likeness}`;
  if (pictures === 0) return [`near duplicates: none (${compared})`];
  const name = (dataset: number) => shownName(datasets[dataset]!.name);
  const rows = pairs
    .slice(0, listed)
    .map(({ first, second, distance: bits, likeness: alike, mirrored }) => [
      `  ${name(second.dataset)}`,
      second.record,
      `is like ${name(first.dataset)}`,
      first.record,
      `${bits} bits, likeness ${alike.toFixed(2)}${mirrored ? ', mirrored' : ''}`,
    ]);
  const more =
    pictures > rows.length ? [`  and ${pictures - rows.length} more; --json lists a thousand`] : [];
  const fate = duplicates === 'drop-near' ? 'left out' : 'kept';
  return [
    `near duplicates: ${pictures} pictures like an earlier one, ${across} of them in another dataset; ${fate} (${compared})`,
    formatTable(rows),
    ...more,
  ];
}

function formatMerge(summary: MergeSummary): string {
  const { out, images, width, height, datasets, dropped, labels } = summary;
  const rows = datasets.map(({ name, images: all, kept }) => [`  ${shownName(name)}`, all, kept]);
  const described = labels ? `labels of ${labels.components} components` : 'no labels';
  return [
    ...nearLines(summary),
    formatTable([['  dataset', 'images', 'kept'], ...rows]),
    `${out}: ${images} images of ${width}x${height}, ${described}${dropped > 0 ? `; ${dropped} duplicates left out` : ''}${replacedText(summary.replaced)}`,
  ].join('\n');
}

export function mergeCommand(io: Io) {
  return new Command('merge')
    .summary('several datasets into one')
    .description('Put datasets together, with their labels and manifests, and find duplicates.')
    .argument('<datasets...>', 'folders of the datasets')
    .requiredOption('--out <dir>', 'folder of the new dataset')
    .option('--replace', 'also a dataset in --out that was made from something else')
    .option('--name <name>', 'prefix of the files (default: last part of --out)', datasetName)
    .option('--shuffle', 'in random order')
    .option('--no-shuffle', 'one dataset after the other (default)')
    .option('--seed <number>', 'of the shuffled order', seed, officialOrderSeed)
    .addOption(
      new Option('--labels <how>', 'labels of several datasets').choices(mergeLabelModes).default('same'),
    )
    .addOption(
      new Option('--duplicates <what>', 'what becomes of duplicates').choices(duplicateModes).default('keep'),
    )
    .option('--distance <bits>', 'most bits between hashes of near duplicates', hashDistance, defaultDistance)
    .option('--likeness <number>', 'least correlation of their pixels', leastLikeness, defaultLikeness)
    .option('--mirrors', 'take mirror images for near duplicates')
    .option('--no-mirrors', 'do not (default)')
    .option('--no-check', 'do not look for near duplicates')
    .option('--shard-images <count>', 'split every level into files of so many images', wholeNumber(1))
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(
      async (
        datasets,
        { out, labels, duplicates, shuffle, seed, distance, likeness, mirrors, check, ...options },
      ) => {
        const { name, shardImages, json, replace = false } = options;
        const request = {
          out,
          replace,
          labels,
          duplicates,
          shuffleSeed: shuffle === true ? seed : null,
          similar: check ? { distance, likeness, mirrors: mirrors === true } : null,
          ...(name === undefined ? {} : { name }),
          ...(shardImages === undefined ? {} : { shardImages }),
        };
        const summary = await withSteps(io, 'images', (work) => mergeDatasets(datasets, request, work));
        io.stderr.write(`${formatMerge(summary)}\n`);
        if (json) writeJson(io, summary);
      },
    );
}
