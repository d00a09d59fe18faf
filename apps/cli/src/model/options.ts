import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { z } from 'zod';
import { engineFlags, engineOptionShape } from '../options/engine.js';
import { numberOption, resolutionOption, textOption } from '../options/values.js';

/** Fields of every command that uses a trained model. */
export const modelOptionShape = {
  runs: textOption.default('runs'),
  out: textOption.optional(),
  json: z.boolean().default(false),
} as const;

/** Fields of those that make pictures with it. */
export const pictureOptionShape = { ...modelOptionShape, ...engineOptionShape } as const;

/** Fields of those that can do it at a lower resolution. */
export const sizeOptionShape = { resolution: resolutionOption().optional() } as const;

/** A level of detail; what the model has is known later. */
export const lodOption = () => numberOption({ from: 0 });

export const modelArgument = [
  '[model]',
  "a checkpoint, a generator's file, a run's folder or number (default: the newest run)",
] as const;

export const resolutionFlag = [
  '--resolution <side>',
  'make them at a lower resolution, in its own size: 32 of a 128x96 model means 32x24',
] as const;

/** Declares the options of {@link modelOptionShape}. */
export function addModelOptions<C extends CommandUnknownOpts>(command: C, out: string): C {
  command
    .option('--out <path>', out)
    .option('--runs <dir>', 'where run folders are (default: runs)')
    .option('--json', 'print the paths as JSON on standard output');
  return command;
}

/** Declares those of {@link pictureOptionShape}. */
export function addPictureOptions<C extends CommandUnknownOpts>(command: C, out: string): C {
  addModelOptions(command, out)
    .option(...engineFlags.backend)
    .option(...engineFlags.threads)
    .option(...engineFlags.libtensorflow);
  return command;
}
