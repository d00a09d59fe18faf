import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/pipeline/collect.js';
import { planBuild } from '../../src/pipeline/options.js';
import { ResultLog } from '../../src/pipeline/result-log.js';
import { WorkerPool } from '../../src/pipeline/worker-pool.js';
import { folder as folderKind } from '../../src/sources/folder.js';
import { temporaryFolder } from '../folder.js';
import { openSource } from '../sources/opening.js';
import { noisePicture, options, put } from './pictures.js';

const folder = temporaryFolder();
let sources = 0;

/** Pictures a.png, b.png, … with these texts behind their last byte. */
async function sourceOf(tails: readonly string[]): Promise<string> {
  const root = join(folder, `source-${sources++}`);
  const random = new RandomState(5);
  for (const [i, tail] of tails.entries()) {
    const png = await noisePicture(random, 20, 20).png().toBuffer();
    await put(join(root, `${'abcdef'[i]}.png`), Buffer.concat([png, Buffer.from(tail)]));
  }
  return root;
}

/** By picture: why it was dropped, null when it was kept; and how many results the log has. */
async function outcomesOf(root: string, workers: number, faceModel: string | null = null) {
  const source = await openSource(folderKind, root, join(folder, 'scratch'));
  const plan = planBuild(options({ source: root, out: join(folder, 'set'), align: 'none' }), {});
  const worker = new URL('mortal-worker.ts', import.meta.url);
  const detector = faceModel === null ? null : { modelPath: faceModel };
  const pool = new WorkerPool(workers, { options: plan.stage, detector }, worker);
  const log = await ResultLog.open(join(folder, `log-${sources++}`));
  try {
    const { outcomes } = await collect({
      source,
      labels: null,
      landmarks: null,
      select: plan.select,
      dropDuplicates: false,
      maxImages: Infinity,
      log,
      previous: null,
      pool,
      signal: undefined,
      onProgress: () => undefined,
    });
    return {
      reasons: Array.from({ length: source.count }, (_, i) => outcomes.reason(outcomes.candidatesOf(i)[0])),
      details: Array.from({ length: source.count }, (_, i) => outcomes.aside(i)?.detail ?? null),
      logged: log.size,
    };
  } finally {
    await pool.close();
    await log.close();
  }
}

describe('a worker that dies', () => {
  it.each([
    ['the first', ['dies', '', ''], 1],
    ['a later', ['', 'dies', ''], 1],
    ['the last', ['', '', 'dies'], 3],
    ['every', ['dies', 'dies'], 1],
  ])(
    'of %s picture costs that picture only, and nothing is logged of it: %j, %i workers',
    async (_, tails, workers) => {
      const found = await outcomesOf(await sourceOf(tails), workers);
      const died = (tail: string) => tail === 'dies';
      expect(found.reasons).toEqual(tails.map((tail) => (died(tail) ? 'worker-died' : null)));
      expect(found.details).toEqual(
        tails.map((tail) => (died(tail) ? 'the worker thread ended with code 7' : null)),
      );
      expect(found.logged).toBe(tails.filter((tail) => !died(tail)).length);
    },
  );

  it('by chance costs nothing: another worker gets the picture', async () => {
    const tails = ['once-a', 'once-b'].map((name) => `dies once: ${join(folder, name)}`);
    expect(await outcomesOf(await sourceOf(['', ...tails]), 2)).toMatchObject({
      reasons: [null, null, null],
      logged: 3,
    });
  });

  it.each([1, 2])('whatever it is given ends the job, with %i workers', async (workers) => {
    await expect(outcomesOf(await sourceOf(['', '', '']), workers, 'dies at once')).rejects.toMatchObject({
      code: 'worker-failed',
      message: 'the worker threads do not run (the worker thread ended with code 7)',
    });
  });
});
