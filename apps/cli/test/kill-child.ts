/**
 * What `pggan train --resume` does inside a run folder, as a process that starts quickly, for it is started and
 * killed twenty times. Images are computed and the clock stands still, so that the same steps write the same bytes.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '@pggan/engine';
import { loadCheckpoint, parseTrainingOptions, retentionSchema, type ImageReader } from '@pggan/model';
import { sortCheckpoints } from '../src/run/names.js';
import { trainSession } from '../src/train/session.js';

const [folder = '', settings = '{}'] = process.argv.slice(2);

let shown = 0;
const reader: ImageReader = {
  resolution: 8,
  channels: 1,
  count: 100,
  async next(level, minibatch) {
    const from = shown * 4 ** level;
    shown += minibatch;
    return Uint8Array.from({ length: minibatch * 4 ** level }, (_, i) => ((from + i) * 97) % 251);
  },
  state: () => shown,
  restore: (state) => void (shown = state as number),
};

await startEngine({ backend: 'cpu' });
const newest = sortCheckpoints(await readdir(folder)).at(-1);
const state = newest === undefined ? undefined : await loadCheckpoint(join(folder, newest));
process.stderr.write('ready\n');
await trainSession({
  folder,
  training: parseTrainingOptions(JSON.parse(settings)),
  retention: retentionSchema.parse({}),
  reader,
  ...(state ? { state } : {}),
  banner: 'a life',
  speeds: [],
  io: process,
  clock: () => 0,
});
