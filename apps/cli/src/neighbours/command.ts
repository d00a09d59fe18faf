import { join } from 'node:path';
import { makeFolder } from '@pggan/files';
import { Command } from '@commander-js/extra-typings';
import { findNearestImages, type NearImage, type PictureShape, type TFRecordDataset } from '@pggan/dataset';
import { openExtractor } from '@pggan/metrics';
import {
  disposeWeights,
  generateImages,
  toChannelsFirst,
  toChannelsLast,
  type ImageBatch,
} from '@pggan/model';
import { createProgress, formatTable } from '@pggan/terminal';
import { z } from 'zod';
import { CliError } from '../errors.js';
import { labelOption, labelsFor } from '../generate/labels.js';
import { latentsOfSeeds } from '../generate/latents.js';
import { seedsOption } from '../generate/seeds.js';
import type { Io } from '../io.js';
import { lodAt, openModel } from '../model/open.js';
import { addPictureOptions, modelArgument, pictureOptionShape, sizeOptionShape } from '../model/options.js';
import { parseOptions } from '../options/parse.js';
import { numberOption, textOption } from '../options/values.js';
import { shorten } from '../paths.js';
import { writePng } from '../pictures/png.js';
import { readRunConfig } from '../run/config.js';
import { notWritable } from '../run/folder.js';
import { openDataset } from '../train/dataset.js';
import { neighbourPicture } from './picture.js';

const schema = z.strictObject({
  ...pictureOptionShape,
  ...sizeOptionShape,
  data: textOption.optional(),
  seeds: seedsOption(),
  label: labelOption().optional(),
  neighbours: numberOption({ integer: true, from: 1, to: 100 }),
  extractor: textOption.optional(),
});

/** `pggan neighbours`: the images of a dataset that generated ones are nearest to. */
export function neighboursCommand(io: Io) {
  const command = new Command('neighbours')
    .summary('show the real images nearest to generated ones')
    .description(
      'Shows, for every generated picture, the images of a dataset that are nearest to it: what a model has learnt by ' +
        'heart has a neighbour at no distance. Distances are between pixels (root mean square of their differences, 0 to ' +
        '255), or between what a network sees.',
    )
    .argument(...modelArgument)
    .option('--data <dir>', "the dataset (default: the one of the model's run)")
    .option('--seeds <list>', 'seeds of the generated pictures', '1-8')
    .option('--label <numbers>', 'label of all pictures, 0,1,0 for three classes (default: classes in turn)')
    .option('--neighbours <n>', 'images per picture', '5')
    .option('--extractor <file>', 'the manifest (JSON) of a feature extractor: see libs/metrics')
    .option('--resolution <side>', 'compare at this resolution (default: what the model has reached)')
    .addHelpText('after', examples);
  return addPictureOptions(command, 'folder of neighbours.png (default: generated, beside the model)').action(
    async (model, raw) => {
      const options = parseOptions(schema, raw);
      const { path, folder, out, generator } = await openModel(model, options, options, io);
      const { weights, config } = generator;
      const dataset = await openDataset(options.data ?? (await datasetOf(folder)));
      const lod = lodAt(generator, options.resolution);
      const latents = latentsOfSeeds(options.seeds, config.latentSize);
      const images = generateImages(weights, config, latents.data, lod, {
        labels: labelsFor(options.label, options.seeds.length, config.labelSize),
        size: 'active',
      });
      disposeWeights(weights);

      const found = await search(dataset, images, options, io);
      const picture = join(out, 'neighbours.png');
      const { batch, rows } = await fetchNeighbours(dataset, images, found);
      try {
        await makeFolder(out);
        await writePng(picture, neighbourPicture(images, batch, rows));
      } catch (error) {
        throw notWritable(out, error, '--out');
      }
      const samples = options.seeds.map((seed, i) => ({ seed, neighbours: found[i]! }));
      if (options.json) {
        const space = options.extractor === undefined ? 'pixels' : 'features';
        const result = { model: path, dataset: dataset.directory, space, picture, samples };
        io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      }
      io.stderr.write(`${describe(samples)}\n${shorten(picture)}\n`);
    },
  );
}

async function datasetOf(folder: string): Promise<string> {
  try {
    return (await readRunConfig(folder)).dataset.path;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'run-missing') throw error;
    throw new CliError('usage', `--data: expected a dataset, for ${folder} is no run that would name one`);
  }
}

async function search(
  dataset: TFRecordDataset,
  images: ImageBatch,
  { neighbours, extractor }: z.output<typeof schema>,
  io: Io,
): Promise<NearImage[][]> {
  const { width, height } = images;
  const channels = images.channels as 1 | 3;
  const network = extractor === undefined ? undefined : await openExtractor(extractor);
  const features =
    network &&
    (async (data: Uint8Array, size: PictureShape) =>
      (await network.extract({ data, ...size }, ['features'])).features.data);
  const progress = createProgress({ title: 'neighbours', unit: 'images', stream: io.stderr });
  try {
    return await findNearestImages(
      dataset,
      { pictures: toChannelsFirst(images), shape: { channels, width, height }, count: neighbours, features },
      { onProgress: (done, total) => progress.update(done, total) },
    );
  } finally {
    progress.stop();
    await network?.close();
  }
}

/** Pixels of every neighbour, each once, and where in them the rows find theirs. */
async function fetchNeighbours(dataset: TFRecordDataset, images: ImageBatch, found: readonly NearImage[][]) {
  const records = [...new Set(found.flat().map(({ record }) => record))];
  const level = Math.floor(Math.log2(Math.max(images.width, images.height)));
  const batch = toChannelsLast(await dataset.images(level, records), images.channels, images);
  const rows = found.map((neighbours) => ({
    cells: neighbours.map(({ record, distance }) => ({ index: records.indexOf(record), distance })),
  }));
  return { batch, rows };
}

function describe(samples: readonly { seed: number; neighbours: readonly NearImage[] }[]): string {
  const head = ['seed', 'nearest images and how far they are'];
  const rows = samples.map(({ seed, neighbours }) => [
    String(seed),
    neighbours.map(({ record, distance }) => `${record} (${distance.toPrecision(3)})`).join('  '),
  ]);
  return formatTable([head, ...rows]);
}

const examples = `
Examples:
  pggan neighbours --seeds 1-8                                 of the newest run, in its own dataset
  pggan neighbours G.safetensors --data data/datasets/people   of a file
  pggan neighbours 3 --extractor features.json --json          by what a network sees
`;
