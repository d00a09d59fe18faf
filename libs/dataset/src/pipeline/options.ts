/** What `buildDataset` can be asked for. Validated here, once; trusted afterwards. */
import { z } from 'zod';

const powerOfTwo = z
  .number()
  .int()
  .min(4)
  .max(1024)
  .refine((side) => Number.isInteger(Math.log2(side)), 'expected a power of two');

/** Everything that decides the bytes of one aligned picture; results are kept under its hash. */
export const stageOptionsSchema = z.object({
  resolution: powerOfTwo.default(64), // side of the largest level, pixels
  align: z.enum(['face', 'none']).default('face'), // none: centre crop and Lanczos
  maxPixels: z.number().int().positive().default(100_000_000), // larger pictures are not decoded
});

/** Limits on scores; changing them needs no new alignment. */
export const selectionOptionsSchema = z.object({
  minFace: z.number().nonnegative().default(12), // least distance between the eyes, source pixels
  maxPad: z.number().min(0).max(1).default(0.25), // largest share of the portrait outside the picture
  minSharpness: z.number().nonnegative().default(6), // see sharpness(); 0: off
  enlargeLimit: z.number().positive().default(4), // largest output pixels per source pixel
});

export const buildOptionsSchema = z.strictObject({
  ...stageOptionsSchema.shape,
  ...selectionOptionsSchema.shape,
  source: z.string().min(1), // folder of pictures
  out: z.string().min(1), // folder of the dataset
  name: z
    .string()
    .regex(/^[^/\\]+$/, 'expected a name without folders')
    .optional(), // prefix of the files; default: last component of `out`
  landmarks: z.enum(['auto', 'annotation', 'detect']).default('auto'), // auto: the annotation if there is one
  faceModel: z.string().optional(), // face_landmarker.task; default: environment, cache, download
  labels: z.union([z.literal('none'), z.literal('attr'), z.array(z.string()).min(1)]).default('none'),
  shuffle: z.boolean().default(true),
  seed: z.number().int().min(0).max(0xffffffff).default(123), // of the order; 123 as the official tool
  maxImages: z.number().int().positive().optional(), // stop after so many are kept, in order of path
  workers: z.number().int().min(1).max(256).optional(), // default: number of cores
  keepWork: z.boolean().default(false), // keep aligned pictures for a build with other limits
});

export type StageOptions = z.output<typeof stageOptionsSchema>;
export type SelectionOptions = z.output<typeof selectionOptionsSchema>;
export type BuildOptions = z.output<typeof buildOptionsSchema>;
export type BuildRequest = z.input<typeof buildOptionsSchema>;
