import { join } from 'node:path';
import { makeFolder } from '@pggan/files';
import { Command } from '@commander-js/extra-typings';
import {
  assembleGrid,
  disposeWeights,
  generateImages,
  imageShape,
  latentWalk,
  type LoadedGenerator,
} from '@pggan/model';
import { createProgress, formatBytes } from '@pggan/terminal';
import { z } from 'zod';
import { CliError } from '../errors.js';
import { labelOption, labelsFor } from '../generate/labels.js';
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
import { numberOption } from '../options/values.js';
import { shorten } from '../paths.js';
import { notWritable } from '../run/folder.js';
import { longestSide, writeMp4, writeWebp, type Film } from './film.js';

/** All frames lie in memory while they are encoded. */
const mostBytes = 2 ** 30;

const schema = z.strictObject({
  ...pictureOptionShape,
  ...sizeOptionShape,
  label: labelOption().optional(),
  seconds: numberOption({ above: 0 }),
  fps: numberOption({ from: 1, to: 60 }),
  smoothing: numberOption({ from: 0 }),
  seed: numberOption({ integer: true, from: 0, to: 0xffffffff }),
  grid: z.string().transform((text, context) => {
    const [, columns, rows] = (/^([1-9]\d?)x([1-9]\d?)$/.exec(text) ?? []).map(Number);
    if (columns && rows) return { columns, rows };
    context.addIssue({ code: 'custom', message: `expected columns x rows such as 3x2, got "${text}"` });
    return z.NEVER;
  }),
  quality: numberOption({ integer: true, from: 1, to: 100 }),
});

/** `pggan interpolate`: a film that wanders through the pictures of a model. */
export function interpolateCommand(io: Io) {
  const command = new Command('interpolate')
    .summary('make a film of a trained model')
    .description(
      'Makes a film that wanders through the pictures of a trained model and ends where it began: an animated WebP, ' +
        'and an MP4 where ffmpeg is.',
    )
    .argument(...modelArgument)
    .option('--seconds <n>', 'length of the film', '10')
    .option('--fps <n>', 'frames per second', '30')
    .option('--smoothing <seconds>', 'how slowly it wanders', '1')
    .option('--grid <columns x rows>', 'pictures side by side', '3x2')
    .option('--seed <n>', 'of the latents', '1000')
    .option('--quality <n>', 'of the WebP, 1 to 100', '90')
    .option('--label <numbers>', 'label of all pictures, 0,1,0 for three classes (default: classes in turn)')
    .option(...resolutionFlag)
    .addHelpText('after', examples);
  return addPictureOptions(command, 'where to write (default: generated, beside the model)').action(
    async (model, raw) => {
      const options = parseOptions(schema, raw);
      const { path, out, generator } = await openModel(model, options, options, io);
      const film = await makeFilm(generator, options, io);

      const webp = join(out, 'interpolation.webp');
      const mp4 = join(out, 'interpolation.mp4');
      let without: string | undefined;
      try {
        await makeFolder(out);
        await writeWebp(webp, film, options.quality);
        without = await writeMp4(mp4, film);
      } catch (error) {
        throw notWritable(out, error, '--out');
      }
      const movie = without === undefined ? mp4 : null;
      if (options.json) io.stdout.write(`${JSON.stringify({ model: path, webp, mp4: movie }, null, 2)}\n`);
      io.stderr.write(
        `${film.frames} frames of ${film.width}x${film.height}: ${shorten(webp)}` +
          `${movie ? ` and ${shorten(movie)}` : `; no MP4: ${without}`}\n`,
      );
    },
  );
}

const examples = `
Examples:
  pggan interpolate                            ten seconds of the newest run, six pictures side by side
  pggan interpolate --seconds 60 --fps 30      as long as the paper's film
  pggan interpolate 3 --grid 1x1 --label 0,1   one picture of run 3, of its second class
`;

async function makeFilm(generator: LoadedGenerator, options: z.output<typeof schema>, io: Io): Promise<Film> {
  const { fps, grid, seed } = options;
  const { weights, config } = generator;
  const lod = lodAt(generator, options.resolution);
  const size = options.resolution === undefined ? 'full' : 'active';
  const progress = createProgress({ title: 'interpolate', unit: 'frames', stream: io.stderr });
  try {
    const cells = grid.columns * grid.rows;
    const frames = Math.max(1, Math.round(options.seconds * fps));
    const shape = imageShape(config, size === 'full' ? 0 : Math.floor(lod));
    const [width, height] = [grid.columns * shape.width, grid.rows * shape.height];
    const bytes = frames * width * height * config.numChannels;
    if (bytes > mostBytes || width > longestSide || height > longestSide) {
      throw new CliError(
        'usage',
        `${frames} frames of ${width}x${height} are ${formatBytes(bytes)}, expected at most ${formatBytes(mostBytes)} ` +
          `and ${longestSide} pixels a side; lower --seconds, --fps or --grid`,
      );
    }
    const walk = latentWalk({
      seed,
      frames,
      cells,
      latentSize: config.latentSize,
      sigma: options.smoothing * fps,
    });
    const data = new Uint8Array(bytes);
    const latents = cells * config.latentSize;
    const labels = labelsFor(options.label, cells, config.labelSize);
    for (let frame = 0; frame < frames; frame++) {
      const images = generateImages(
        weights,
        config,
        walk.subarray(frame * latents, (frame + 1) * latents),
        lod,
        { labels, size },
      );
      data.set(assembleGrid(images, grid).data, frame * width * height * config.numChannels);
      progress.update(frame + 1, frames);
    }
    return { data, frames, width, height, channels: config.numChannels, fps };
  } finally {
    progress.stop();
    disposeWeights(weights);
  }
}
