/** What `buildDataset` can be asked for. Validated here, once; trusted afterwards. */
import { z } from 'zod';
import { imageSizeSchema } from '../records/image-size.js';

const unit = z.number().int().nonnegative();

/**
 * How pictures of a source become images. Every kind of source has its own defaults (see
 * `sources/registry.ts`); what is given here wins.
 */
export const prepareOptionsSchema = z.object({
  /** face: cut out and turn upright the largest face; none: the whole picture, brought to size by `fit`. */
  align: z.enum(['face', 'none']),
  /** How a whole picture comes to the shape of the images, see `fit.ts`. */
  fit: z.enum(['crop', 'pad', 'letterbox', 'stretch', 'center', 'exact']),
  /** Square to cut out first: its centre and side in pixels of the picture. */
  crop: z.strictObject({ x: unit, y: unit, side: unit.positive() }).nullable(),
  background: z.tuple([unit.max(255), unit.max(255), unit.max(255)]), // RGB around a picture
  size: imageSizeSchema, // of the largest level
  channels: z.union([z.literal(1), z.literal(3)]),
  mirror: z.boolean(), // every image also left to right: twice the images
  shuffle: z.boolean(),
  duplicates: z.enum(['drop', 'keep']), // pictures of equal bytes
  labels: z.union([
    z.literal('none'),
    z.literal('own'), // those of the set
    z.literal('folders'), // the name of the folder a picture lies in is its class
    z.strictObject({ file: z.string() }), // a CSV or JSON file
    z.strictObject({ columns: z.array(z.string()).min(1) }), // some of the set's own
  ]),
  minSharpness: z.number().nonnegative(), // see sharpness(); 0: off
});
export type PrepareOptions = z.output<typeof prepareOptionsSchema>;
