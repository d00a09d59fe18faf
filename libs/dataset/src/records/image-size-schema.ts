/** A size as users give it. Apart from image-size.ts because worker threads need that, but nothing that checks options. */
import { z } from 'zod';
import { formatSize, levelSizes, nearestSize, type ImageSize } from './image-size.js';

export const sizeExpectation =
  'a power of two from 4 to 1024, or WIDTHxHEIGHT that halves evenly to a base of 4 to 7 pixels (such as 128x96, base 4x3)';

/** A number is the side of a square. */
export const imageSizeSchema = z
  .union([
    z.number().transform((side): ImageSize => ({ width: side, height: side })),
    z.strictObject({ width: z.number(), height: z.number() }),
  ])
  .superRefine((size, context) => {
    const square = size.width === size.height;
    if (levelSizes(size) && (!square || Number.isInteger(Math.log2(size.width)))) return;
    context.addIssue({
      code: 'custom',
      message: `expected ${sizeExpectation}; near it: ${formatSize(nearestSize(size))}`,
    });
  });
