import { dirname, join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { encodeNpy, makeFolder, writeAtomic } from '@pggan/files';
import { assembleGrid, disposeWeights, generateImages, type ImageBatch } from '@pggan/model';
import { z } from 'zod';
import type { Io } from '../io.js';
import { lodAt, openModel } from '../model/open.js';
import {
  addPictureOptions,
  modelArgument,
  pictureOptionShape,
  resolutionFlag,
  sizeOptionShape,
} from '../model/options.js';
import { parseOptions } from '../options/parse.js';
import { numberOption, textOption } from '../options/values.js';
import { shorten } from '../paths.js';
import { writePng } from '../pictures/png.js';
import { notWritable } from '../run/folder.js';
import { labelOption, labelsFor } from './labels.js';
import { latentsOfSeeds, readLatents } from './latents.js';
import { seedsOption } from './seeds.js';

const schema = z
  .strictObject({
    ...pictureOptionShape,
    ...sizeOptionShape,
    seeds: seedsOption().optional(),
    latents: textOption.optional(),
    saveLatents: textOption
      .refine((path) => path.endsWith('.npy'), 'expected a name that ends in .npy')
      .optional(),
    label: labelOption().optional(),
    columns: numberOption({ integer: true, from: 1, to: 64 }).optional(),
    gridOnly: z.boolean().default(false),
  })
  .refine(({ seeds, latents }) => seeds === undefined || latents === undefined, {
    path: ['latents'],
    message: 'pictures are of latents or of seeds; drop it or --seeds',
  });

type Options = z.output<typeof schema>;

const firstSeeds = Array.from({ length: 16 }, (_, i) => i + 1);

/** `pggan generate`: pictures from the averaged generator of a checkpoint. */
export function generateCommand(io: Io) {
  const command = new Command('generate')
    .summary('make pictures with a trained model')
    .description('Makes pictures with a trained model: one per seed, and a grid of them all.')
    .argument(...modelArgument)
    .option('--seeds <list>', 'seeds of the latents: 1-64 or 1,5,20-25 (default: 1-16)')
    .option('--latents <file>', 'latents instead of seeds: a NumPy array (.npy) with a row per picture')
    .option('--save-latents <file>', 'write the latents as a NumPy array (.npy)')
    .option('--label <numbers>', 'label of all pictures, 0,1,0 for three classes (default: classes in turn)')
    .option(...resolutionFlag)
    .option('--columns <n>', 'columns of the grid (default: about square)')
    .option('--grid-only', 'write the grid alone')
    .addHelpText('after', examples);
  return addPictureOptions(command, 'where to write (default: generated, beside the model)').action(
    async (model, raw) => {
      const options = parseOptions(schema, raw);
      const { path, out, generator } = await openModel(model, options, options, io);
      const { weights, config } = generator;
      const lod = lodAt(generator, options.resolution);
      const latents =
        options.latents === undefined
          ? latentsOfSeeds(options.seeds ?? firstSeeds, config.latentSize)
          : await readLatents(options.latents, config.latentSize);
      const count = latents.names.length;
      const images = generateImages(weights, config, latents.data, lod, {
        labels: labelsFor(options.label, count, config.labelSize),
        size: options.resolution === undefined ? 'full' : 'active',
      });
      disposeWeights(weights);

      const { grid, pictures } = await writePictures(out, latents.names, images, options);
      const saved = options.saveLatents === undefined ? undefined : resolve(options.saveLatents);
      if (saved !== undefined) await saveLatents(saved, latents.data, [count, config.latentSize]);
      if (options.json) {
        const result = { model: path, grid, pictures, ...(saved === undefined ? {} : { latents: saved }) };
        io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      }
      io.stderr.write(`${count} pictures of ${images.width}x${images.height}: ${shorten(grid)}\n`);
    },
  );
}

async function writePictures(out: string, names: readonly string[], images: ImageBatch, options: Options) {
  const columns = options.columns ?? Math.ceil(Math.sqrt(images.count));
  const grid = join(out, 'grid.png');
  const pictures: string[] = [];
  try {
    await makeFolder(out);
    await writePng(grid, assembleGrid(images, { columns, rows: Math.ceil(images.count / columns) }));
    if (options.gridOnly) return { grid, pictures };
    const { width, height, channels } = images;
    const bytes = width * height * channels;
    for (const [i, name] of names.entries()) {
      const path = join(out, `${name}.png`);
      await writePng(path, {
        data: images.data.subarray(i * bytes, (i + 1) * bytes),
        width,
        height,
        channels,
      });
      pictures.push(path);
    }
  } catch (error) {
    throw notWritable(out, error, '--out');
  }
  return { grid, pictures };
}

async function saveLatents(path: string, data: Float32Array, shape: readonly number[]): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeAtomic(path, encodeNpy(data, shape));
  } catch (error) {
    throw notWritable(dirname(path), error, '--save-latents');
  }
}

const examples = `
Examples:
  pggan generate --seeds 1-64                          the newest run's pictures, and a grid of 8x8
  pggan generate 3 --seeds 7 --resolution 32           run 3 as it paints 32x32
  pggan generate faces.safetensors --latents z.npy     of latents that another program made
`;
