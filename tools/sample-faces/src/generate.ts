/** Renders the whole set into a folder that appears only when it is complete. */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { attributeList, fileName, landmarkList, truthTable } from './annotations.js';
import { SampleError } from './errors.js';
import { planPicture, type Defect, type PicturePlan } from './plan.js';
import { renderPicture } from './render.js';

export interface GenerateOptions {
  readonly out: string; // folder to make; replaced when it is a finished set of this program
  readonly count: number; // pictures, 1 … 999999
  readonly seed: number; // 0 … 2^32 - 1
  readonly signal?: AbortSignal; // leaves nothing behind when aborted
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SampleSummary {
  readonly count: number;
  readonly seed: number;
  readonly bytes: number; // of the pictures
  readonly defects: Readonly<Partial<Record<Defect, number>>>;
}

const marker = 'complete.json';

/** @throws SampleError 'output-occupied' when `out` holds something else, 'stopped' when aborted */
export async function generateSample(options: GenerateOptions): Promise<SampleSummary> {
  const out = resolve(options.out);
  await refuseForeignFolder(out);
  const temporary = join(dirname(out), `.${basename(out)}.${process.pid}.tmp`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(join(temporary, 'img_celeba'), { recursive: true });
  try {
    const plans = Array.from({ length: options.count }, (_, index) => planPicture(options.seed, index));
    const bytes = await renderAll(plans, join(temporary, 'img_celeba'), options);
    await writeSynced(join(temporary, 'list_landmarks_celeba.txt'), landmarkList(plans));
    await writeSynced(join(temporary, 'list_attr_celeba.txt'), attributeList(plans));
    await writeSynced(join(temporary, 'truth.csv'), truthTable(plans));
    const summary: SampleSummary = { count: plans.length, seed: options.seed, bytes, defects: tally(plans) };
    await writeSynced(join(temporary, marker), `${JSON.stringify(summary, null, 2)}\n`);
    await rm(out, { recursive: true, force: true });
    await rename(temporary, out);
    return summary;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function refuseForeignFolder(out: string): Promise<void> {
  if (!existsSync(out) || existsSync(join(out, marker))) return;
  const content = await readdir(out).catch(() => ['a file']);
  if (content.length === 0) return;
  throw new SampleError(
    'output-occupied',
    `--out ${out}: expected no folder, an empty one or an earlier sample set (with ${marker}); ` +
      `got ${content.length} other entries. Remove them or choose another folder.`,
  );
}

async function renderAll(
  plans: readonly PicturePlan[],
  folder: string,
  { signal, onProgress }: GenerateOptions,
): Promise<number> {
  const before = sharp.concurrency();
  // Whole pictures side by side beat several threads on one small picture.
  sharp.concurrency(1);
  let next = 0;
  let done = 0;
  let bytes = 0;
  const lane = async () => {
    for (let plan = plans[next++]; plan; plan = plans[next++]) {
      if (signal?.aborted) throw new SampleError('stopped', 'stopped; no picture was kept');
      const jpeg = await renderPicture(plan);
      await writeSynced(join(folder, fileName(plan.index)), jpeg, false);
      bytes += jpeg.length;
      onProgress?.(++done, plans.length);
    }
  };
  try {
    const lanes = Array.from({ length: availableParallelism() + 1 }, lane);
    await Promise.allSettled(lanes);
    await Promise.all(lanes);
    return bytes;
  } finally {
    sharp.concurrency(before);
  }
}

/** The lists are synced so that the marker never outlives them; pictures are too many to wait for each. */
async function writeSynced(path: string, content: string | Buffer, sync = true): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

function tally(plans: readonly PicturePlan[]): Partial<Record<Defect, number>> {
  const counts: Partial<Record<Defect, number>> = {};
  for (const { defect } of plans) counts[defect] = (counts[defect] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
