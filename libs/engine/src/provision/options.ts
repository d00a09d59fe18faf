/** What provisioning can be asked for, checked once at the edge. */
import { z } from 'zod';
import { EngineError } from '../errors.js';
import type { ProvisionProgress } from './progress.js';

const provisionSchema = z
  .object({
    variant: z.enum(['cpu', 'gpu']).default('cpu'), //     gpu: the CUDA build and NVIDIA's libraries
    libtensorflow: z.string().min(1).optional(), //        folder of an existing libtensorflow: only the binding is compiled
    include: z.string().min(1).optional(), //              its headers, when not in include/ inside or beside that folder
    wheel: z.string().min(1).optional(), //                a TensorFlow wheel already downloaded: pip is not needed
    force: z.boolean().default(false), //                  build anew even when the cache holds a good one
    cache: z.string().min(1).optional(), //                default: PGGAN_CACHE, else the operating system's cache folder
    env: z.custom<NodeJS.ProcessEnv>((value) => typeof value === 'object').optional(), // of the programs that are run; default process.env
    platform: z.custom<NodeJS.Platform>((value) => typeof value === 'string').optional(), // default: this machine's
    arch: z.string().optional(), //                        default: this machine's
    freeSpace: z
      .custom<(folder: string) => Promise<number>>((value) => typeof value === 'function')
      .optional(), // bytes; default: asks the file system
    now: z.custom<() => number>((value) => typeof value === 'function').optional(), // ms since 1970; ages locks and leftovers
    onProgress: z
      .custom<(progress: ProvisionProgress) => void>((value) => typeof value === 'function')
      .optional(),
    signal: z.instanceof(AbortSignal).optional(), //       stops the work and removes what was half-made
  })
  .strict();

export type ProvisionOptions = z.input<typeof provisionSchema>;
export type CheckedProvisionOptions = z.output<typeof provisionSchema>;

/** @throws EngineError `option-invalid` naming the option, what was expected and what came */
export function checkProvisionOptions(options: ProvisionOptions): CheckedProvisionOptions {
  const result = provisionSchema.safeParse(options);
  if (result.success) return result.data;
  throw new EngineError('option-invalid', `provision: ${z.prettifyError(result.error)}`, {
    cause: result.error,
  });
}
