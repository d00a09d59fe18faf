import { basename, dirname, join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { makeFolder, writeAtomic } from '@pggan/files';
import {
  disposeWeights,
  exportOnnx,
  exportTfjs,
  imageShape,
  saveGenerator,
  type LoadedGenerator,
} from '@pggan/model';
import { z } from 'zod';
import type { Io } from '../io.js';
import { lodAt, openModel } from '../model/open.js';
import {
  addModelOptions,
  lodOption,
  modelArgument,
  modelOptionShape,
  sizeOptionShape,
} from '../model/options.js';
import { parseOptions } from '../options/parse.js';
import { oneOf } from '../options/values.js';
import { shorten } from '../paths.js';
import { notWritable } from '../run/folder.js';
import { originOf } from './origin.js';

const formats = ['onnx', 'tfjs', 'safetensors'] as const;
type Format = (typeof formats)[number];

const schema = z
  .strictObject({
    ...modelOptionShape,
    ...sizeOptionShape,
    format: oneOf(formats),
    lod: lodOption().optional(),
  })
  .refine(({ lod, resolution }) => lod === undefined || resolution === undefined, {
    path: ['lod'],
    message: 'and --resolution say the same; drop one of them',
  })
  .refine(({ format, lod, resolution }) => format !== 'safetensors' || (lod ?? resolution) === undefined, {
    path: ['format'],
    message: 'safetensors hold every resolution; drop --lod and --resolution',
  });

/** `pggan export`: the averaged generator for other programs. */
export function exportCommand(io: Io) {
  const command = new Command('export')
    .summary('write the generator for other programs')
    .description(
      'Writes the averaged generator of a model for other programs: an ONNX file, a folder that TensorFlow.js loads in a ' +
        'browser, or a safetensors file with the official variable names. The first two make pictures of one resolution, ' +
        'as numbers in about [-1, 1].',
    )
    .argument(...modelArgument)
    .requiredOption('--format <format>', formats.join(', '))
    .option('--resolution <side>', 'resolution of the pictures (default: what the model has reached)')
    .option('--lod <n>', 'the same as a level of detail: 0 = final resolution, fractions fade')
    .addHelpText('after', examples);
  return addModelOptions(command, 'what to write (default: a name of its own, beside the model)').action(
    async (model, raw) => {
      const options = parseOptions(schema, raw);
      const { path, folder, generator: loaded } = await openModel(model, options, null, io);
      const generator = { ...loaded, origin: await originOf(folder, loaded) };
      const lod = options.lod ?? lodAt(generator, options.resolution);
      const out = resolve(options.out ?? join(folder, defaultName(path, options.format, generator, lod)));
      const files = await write(out, options.format, generator, lod);
      disposeWeights(generator.weights);
      if (options.json) {
        io.stdout.write(`${JSON.stringify({ model: path, format: options.format, lod, files }, null, 2)}\n`);
      }
      io.stderr.write(`${shorten(out)}\n`);
    },
  );
}

/** `network-final-64x64.onnx` for `network-final.safetensors`. */
function defaultName(path: string, format: Format, { config }: LoadedGenerator, lod: number): string {
  const stem = basename(path, '.safetensors');
  if (format === 'safetensors') return `${stem}-generator.safetensors`;
  const { width, height } = imageShape(config, Math.floor(lod));
  const fade = Number.isInteger(lod) ? '' : `-lod${lod}`;
  return `${stem}-${width}x${height}${fade}${format === 'onnx' ? '.onnx' : '-tfjs'}`;
}

/** @returns the paths written */
async function write(
  out: string,
  format: Format,
  generator: LoadedGenerator,
  lod: number,
): Promise<string[]> {
  const folder = format === 'tfjs' ? out : dirname(out);
  // Before any folder is made for it.
  const contents =
    format === 'onnx'
      ? new Map([[basename(out), exportOnnx(generator, lod)]])
      : format === 'tfjs'
        ? exportTfjs(generator, lod)
        : null;
  try {
    await makeFolder(folder);
    if (contents === null) {
      await saveGenerator(out, generator);
      return [out];
    }
    for (const [name, bytes] of contents) await writeAtomic(join(folder, name), bytes);
    return [...contents.keys()].map((name) => join(folder, name));
  } catch (error) {
    throw notWritable(folder, error, '--out');
  }
}

const examples = `
Examples:
  pggan export --format onnx                          the newest run, at what it has reached
  pggan export 3 --format tfjs --resolution 32        for a browser: tf.loadGraphModel('.../model.json')
  pggan export 3 --format safetensors --out G.safetensors
`;
