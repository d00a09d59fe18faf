/** What the files of a dataset may be called. */
import { z } from 'zod';

/** File systems take 255; `-r10-00000-of-00001.tfrecords` and the marks of unfinished files come behind it. */
const mostBytes = 180;

/** Prefix of the files: no path, not hidden, without control characters. */
export const datasetNameSchema = z
  .string()
  .refine((name) => /^[^./\\\0-\x1f][^/\\\0-\x1f]*$/.test(name) && Buffer.byteLength(name) <= mostBytes, {
    message: `expected a prefix for names of files (no folders, no dot in front, at most ${mostBytes} bytes)`,
  });
