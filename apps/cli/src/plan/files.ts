import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackendName } from '@pggan/engine';
import { writeAtomic } from '@pggan/files';
import type { ResolutionMeasure } from '@pggan/model';
import { z } from 'zod';
import { runFiles } from '../run/names.js';

const measuresSchema = z.object({
  schemaVersion: z.literal(1),
  backend: z.enum(['tensorflow', 'wasm', 'cpu']),
  measures: z.array(
    z.object({
      resolution: z.number(),
      minibatch: z.number(),
      secondsPerKimg: z.number().positive(),
      startSeconds: z.number().min(0),
      images: z.number(),
      peakBytes: z.number(),
      basis: z.enum(['measured', 'scaled', 'extrapolated']),
    }),
  ),
});

/** Keeps what was measured before a run in its folder, for whoever asks how long it takes. */
export async function writeMeasures(
  folder: string,
  backend: BackendName,
  measures: readonly ResolutionMeasure[],
): Promise<void> {
  const text = JSON.stringify({ schemaVersion: 1, backend, measures }, null, 2);
  await writeAtomic(join(folder, runFiles.measures), `${text}\n`);
}

/** Of the same backend; none when there are none that can be read: they only help to guess a time. */
export async function readMeasures(folder: string, backend: BackendName): Promise<ResolutionMeasure[]> {
  try {
    const json: unknown = JSON.parse(await readFile(join(folder, runFiles.measures), 'utf8'));
    const result = measuresSchema.safeParse(json);
    return result.success && result.data.backend === backend ? result.data.measures : [];
  } catch {
    return [];
  }
}
