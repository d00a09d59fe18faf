/** What `buildDataset` can be asked for. Validated here, once; trusted afterwards. */
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import { searches } from '../faces/search.js';
import { datasetNameSchema } from '../records/dataset-name.js';
import { imageSizeSchema } from '../records/image-size-schema.js';
import { largestDistance } from '../similarity/hash-index.js';
import { defaultDistance, defaultLikeness } from '../similarity/near-duplicates.js';
import { infoOf, isScoreName, scoreNames, type ScoreName } from './score-names.js';

const whole = z.number().int().nonnegative();

/** How pictures become images. Every kind of source has defaults of its own; what is asked for wins. */
const prepareSchema = z.object({
  /** face: cut out the faces and turn them upright; none: the whole picture, brought to size by `fit`. */
  align: z.enum(['face', 'none']),
  faces: z.enum(['all', 'largest']), // of a picture with several: each one is an image of its own
  alignMode: z.enum(['reference', 'fast']), // the official tool's pixels, or those but for a PSNR of over 40 dB
  quad: z.enum(['celeba-hq', 'ffhq']), // how a portrait lies about the face, see faces/quad.ts
  /** How a whole picture comes to the shape of the images, see fit.ts. */
  fit: z.enum(['crop', 'pad', 'letterbox', 'stretch', 'center', 'exact']),
  /** Square to cut out before that: its centre and side in pixels of the picture. */
  crop: z.strictObject({ x: whole, y: whole, side: whole.positive() }).nullable(),
  background: z.tuple([whole.max(255), whole.max(255), whole.max(255)]), // RGB around a picture
  size: imageSizeSchema, // of the largest level; a number is the side of a square
  channels: z.union([z.literal(1), z.literal(3)]),
  mirror: z.boolean(), // every image a second time, left to right
  shuffle: z.boolean(),
  duplicates: z.enum(['drop', 'keep']), // pictures of equal bytes
  labels: z.union([
    z.enum([
      'none',
      'own', // those of the set
      'folders', // the name of the folder that a picture lies in is its class
    ]),
    z.strictObject({ file: z.string().min(1) }), // a CSV or JSON file
    z.strictObject({ columns: z.array(z.string().min(1)).min(1) }), // some of the set's own
  ]),
  minSharpness: z.number().nonnegative(), // see sharpness(); 0: off
});
export type PrepareOptions = z.output<typeof prepareSchema>;

/** Numbers by the name of a score; see score-names.ts. */
const byScoreSchema = z.record(z.string(), z.number()).superRefine((numbers, context) => {
  for (const name of Object.keys(numbers))
    if (!isScoreName(name))
      context.addIssue({
        code: 'custom',
        message: `expected one of ${scoreNames.join(', ')} for "${name}"`,
      });
}) as unknown as z.ZodType<Partial<Record<ScoreName, number>>>;

/** Limits on scores; changing them needs no new alignment. */
export const selectionOptionsSchema = z.object({
  minFace: z.number().nonnegative().default(12), // least distance between the eyes, source pixels
  maxPad: z.number().min(0).max(1).default(0.25), // largest share of the portrait outside the picture
  enlargeLimit: z.number().positive().default(4), // largest output pixels per source pixel
  enlarged: z.enum(['drop', 'mark']).default('drop'), // what is beyond it: drop, or keep and mark in the manifest
  minConfidence: z.number().min(0).max(1).default(0.5), // of the detector, where it tells one
  min: byScoreSchema.default({}), // least value of a score; a picture without that score is kept
  max: byScoreSchema.default({}), // largest; of angles the size
  top: z.number().int().positive().nullable().optional(), // keep the best so many; null: all; default: see defaultTop
  topBy: byScoreSchema.optional(), // weights of the scores that say which are best; default: quality, or sharpness below 64 pixels
  nearDuplicates: z.enum(['drop', 'keep']).default('keep'), // of pictures of the same the best stays
  distance: whole.max(largestDistance).default(defaultDistance), // most bits between hashes of near duplicates
  likeness: z.number().min(-1).max(1).default(defaultLikeness), // least correlation of their pixels
});

const maxPixels = whole.positive(); // larger pictures are not decoded

/** Everything that decides the bytes of one image; results are kept under its hash. */
export const stageOptionsSchema = prepareSchema
  .pick({
    align: true,
    faces: true,
    alignMode: true,
    quad: true,
    fit: true,
    crop: true,
    background: true,
    size: true,
    channels: true,
  })
  .extend({
    maxPixels,
    /** In the place of the alignment's Lanczos enlargement; `hash` of model and settings. Absent: Lanczos. */
    enhancer: z.strictObject({ hash: z.string(), removeArtefacts: z.boolean() }).optional(),
  });

/** What a source is told besides its path. */
export const requestOptionsSchema = z.object({
  split: z.enum(['train', 'test']).default('train'), // of sets that come in two parts
  coarse: z.boolean().default(false), // CIFAR-100's 20 coarse classes
  stacks: z.number().int().positive().default(1_000_000), // pictures of mnist-rgb
  stackSeed: z.number().int().min(0).max(0xffffffff).default(123),
});

export const buildOptionsSchema = z.strictObject({
  ...prepareSchema.partial().shape,
  ...selectionOptionsSchema.shape,
  source: z.string().min(1), // folder or file
  kind: z.string().default('auto'), // of the source, see sources/registry.ts
  ...requestOptionsSchema.shape,
  out: z.string().min(1), // folder of the dataset
  replace: z.boolean().default(false), // a dataset in `out` that was made from something else
  name: datasetNameSchema.optional(), // prefix of the files; default: last component of `out`
  shardImages: z.number().int().positive().optional(), // images per file; default: one file a level
  landmarks: z
    .union([
      z.enum(['auto', 'annotation', 'detect']), // auto: the annotation if there is one
      z.strictObject({ file: z.string().min(1) }), // five points per face, CSV or JSON
    ])
    .default('auto'),
  faceModel: z.string().optional(), // face_landmarker.task or an ONNX model; default: environment, cache, download
  enhancer: z.string().min(1).optional(), // ONNX model that enlarges or cleans faces; default: Lanczos
  removeArtefacts: z.boolean().default(false), // faces that need no enlargement go through the enhancer as well
  search: z.enum(searches).default('auto'), // where MediaPipe looks for faces, see faces/search.ts
  detectSide: z.number().int().min(64).default(4096), // longer pictures are reduced to look for faces, pixels
  notes: z.string().min(1).optional(), // CSV file whose columns go to the manifest, see notes.ts
  maxPixels: maxPixels.default(100_000_000),
  seed: z.number().int().min(0).max(0xffffffff).default(123), // of the order; 123 as the official tool
  maxImages: z.number().int().positive().optional(), // stop after so many are kept, in source order
  workers: z.number().int().min(1).max(256).optional(), // default: number of cores
  keepWork: z.boolean().default(false), // keep aligned pictures for a build with other limits
});

export type BuildOptions = z.output<typeof buildOptionsSchema>;
export type BuildRequest = z.input<typeof buildOptionsSchema>;

export type StageOptions = z.output<typeof stageOptionsSchema>;

export interface SelectionOptions
  extends
    Omit<z.output<typeof selectionOptionsSchema>, 'topBy' | 'top'>,
    Pick<PrepareOptions, 'minSharpness'> {
  readonly top: number | null; // null: all
  readonly topBy: Readonly<Partial<Record<ScoreName, number>>>;
}

/** What a build asked for comes to, once the kind of its source is known. */
export interface BuildPlan {
  readonly prepare: PrepareOptions;
  readonly stage: StageOptions;
  readonly request: z.output<typeof requestOptionsSchema>;
  readonly select: SelectionOptions;
}

const generalDefaults = {
  align: 'face',
  faces: 'all',
  alignMode: 'reference',
  quad: 'celeba-hq',
  fit: 'crop',
  crop: null,
  background: [0, 0, 0],
  size: { width: 64, height: 64 },
  channels: 3,
  mirror: false,
  shuffle: true,
  duplicates: 'drop',
  labels: 'none',
} satisfies Omit<PrepareOptions, 'minSharpness'>;

/** Only blurred portraits are known to be bad; other pictures may be smooth. */
const leastSharpness = { face: 6, none: 0 };

/** Of more portraits the best 30,000, which is what CelebA-HQ is of CelebA's 202,599 (facts 7.4). */
const defaultTop = { face: 30_000, none: null };

type ByScore = Readonly<Partial<Record<ScoreName, number>>>;

/** @throws DatasetError `option-invalid` for a score that such images do not have */
function checkScores(asked: Readonly<Record<string, object>>, { align, size }: PrepareOptions): void {
  const side = Math.max(size.width, size.height);
  const has = (name: ScoreName) => {
    const { whole, leastSide = 0 } = infoOf(name);
    return align === 'none' ? whole === true : side >= leastSide;
  };
  for (const [option, numbers] of Object.entries(asked))
    for (const name of Object.keys(numbers) as ScoreName[])
      if (!has(name))
        throw new DatasetError(
          'option-invalid',
          `${option}: ${align === 'none' ? 'whole pictures' : `faces at ${side} pixels`} have no score ${name}; ` +
            `they have ${scoreNames.filter(has).join(', ')}`,
        );
}

/** @throws DatasetError `option-invalid` for limits that nothing lies between */
function checkRanges(min: ByScore, max: ByScore): void {
  for (const [name, least] of Object.entries(min)) {
    const most = max[name as ScoreName];
    if (most !== undefined && least > most)
      throw new DatasetError(
        'option-invalid',
        `min: ${name} is at least ${least}, and by max at most ${most}`,
      );
  }
}

/** What would have no effect was meant otherwise. @throws DatasetError `option-invalid` */
function checkNearness({ nearDuplicates, distance, likeness }: BuildOptions): void {
  if (nearDuplicates === 'drop') return;
  for (const [option, differs] of Object.entries({
    distance: distance !== defaultDistance,
    likeness: likeness !== defaultLikeness,
  }))
    if (differs)
      throw new DatasetError('option-invalid', `${option}: counts where near-duplicates are dropped only`);
}

/** @throws DatasetError `option-invalid` */
export function planBuild(options: BuildOptions, defaults: Partial<PrepareOptions>): BuildPlan {
  const { align, fit, crop, background, size, channels, mirror, shuffle, duplicates, labels } = options;
  const { faces, alignMode, quad } = options;
  const how = { align, faces, alignMode, quad, fit, crop, background, size, channels };
  const asked = { ...how, mirror, shuffle, duplicates, labels };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const merged = { ...generalDefaults, ...defaults, ...given } as typeof generalDefaults & PrepareOptions;
  const minSharpness = options.minSharpness ?? defaults.minSharpness ?? leastSharpness[merged.align];
  const prepare: PrepareOptions = { ...merged, minSharpness };
  const { min, max, maxPixels } = options;
  // Of portraits reduced to 32 pixels the noise score takes fine detail for noise.
  const known = prepare.align === 'face' && Math.max(prepare.size.width, prepare.size.height) >= 64;
  const topBy = options.topBy ?? { [known ? 'quality' : 'sharpness']: 1 };
  checkScores({ min, max, 'top-by': topBy }, prepare);
  checkRanges(min, max);
  checkNearness(options);
  return {
    prepare,
    stage: stageOptionsSchema.parse({ ...prepare, maxPixels }),
    request: requestOptionsSchema.parse(options),
    select: {
      ...selectionOptionsSchema.parse(options),
      minSharpness,
      top: options.top === undefined ? defaultTop[prepare.align] : options.top,
      topBy,
    },
  };
}
