import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { assembleGrid, disposeWeights, generateImages, loadGenerator, seededLatents } from '@pggan/model';
import { z } from 'zod';
import { openEngine } from '../engine.js';
import type { Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { engineFlags, engineOptionShape } from '../options/engine.js';
import { numberOption, textOption } from '../options/values.js';
import { shorten } from '../paths.js';
import { writePng } from '../pictures/png.js';
import { findCheckpoint } from '../run/find.js';
import { notWritable } from '../run/folder.js';
import { labelOption, labelsFor } from './labels.js';
import { seedsOption } from './seeds.js';

const schema = z.strictObject({
  ...engineOptionShape,
  runs: textOption.default('runs'),
  seeds: seedsOption(),
  label: labelOption().optional(),
  out: textOption.optional(),
  columns: numberOption({ integer: true, from: 1, to: 64 }).optional(),
  gridOnly: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `pggan generate`: pictures from the averaged generator of a checkpoint. */
export function generateCommand(io: Io) {
  return new Command('generate')
    .summary('make pictures with a trained model')
    .description('Makes pictures with a trained model: one per seed, and a grid of them all.')
    .argument('[model]', "a checkpoint, a run's folder or number (default: the newest run)")
    .option('--seeds <list>', 'seeds of the latents: 1-16 or 1,5,20-25', '1-16')
    .option('--label <numbers>', 'label of all pictures, 0,1,0 for three classes (default: classes in turn)')
    .option('--out <dir>', 'where to write (default: generated, in the run folder)')
    .option('--columns <n>', 'columns of the grid (default: about square)')
    .option('--grid-only', 'write the grid alone')
    .option('--runs <dir>', 'where run folders are (default: runs)')
    .option(...engineFlags.backend)
    .option(...engineFlags.threads)
    .option(...engineFlags.libtensorflow)
    .option('--json', 'print the paths as JSON on standard output')
    .action(async (model, raw) => {
      const options = parseOptions(schema, raw);
      const found = await findCheckpoint(model ?? true, options.runs);
      const out = resolve(options.out ?? join(found.folder, 'generated'));
      await openEngine(options, io);
      const { weights, config, lod } = await loadGenerator(found.path);
      // One stream per seed: a seed's picture does not depend on its neighbours.
      const latents = new Float32Array(options.seeds.length * config.latentSize);
      options.seeds.forEach((seed, i) =>
        latents.set(seededLatents(seed, 1, config.latentSize), i * config.latentSize),
      );
      const labels = labelsFor(options.label, options.seeds.length, config.labelSize);
      const images = generateImages(weights, config, latents, lod, { labels });
      disposeWeights(weights);

      const columns = options.columns ?? Math.ceil(Math.sqrt(images.count));
      const grid = join(out, 'grid.png');
      const pictures: string[] = [];
      try {
        await mkdir(out, { recursive: true });
        await writePng(grid, assembleGrid(images, { columns, rows: Math.ceil(images.count / columns) }));
        if (!options.gridOnly) {
          const bytes = images.width * images.height * images.channels;
          for (const [i, seed] of options.seeds.entries()) {
            const data = images.data.subarray(i * bytes, (i + 1) * bytes);
            const path = join(out, `seed${String(seed).padStart(4, '0')}.png`);
            await writePng(path, {
              data,
              width: images.width,
              height: images.height,
              channels: images.channels,
            });
            pictures.push(path);
          }
        }
      } catch (error) {
        throw notWritable(out, error, '--out');
      }
      if (options.json)
        io.stdout.write(`${JSON.stringify({ model: found.path, grid, pictures }, null, 2)}\n`);
      io.stderr.write(`${images.count} pictures of ${images.width}x${images.height}: ${shorten(grid)}\n`);
    });
}
