/**
 * Seconds per step at every resolution: `npx tsx --conditions=@pggan/source tools/bench/steps.mts
 * [backend] [resolution] [fmapBase] [fmapMax] [minibatch]`. The best of three passes after one that
 * records; a pass is one D and one G step in the middle of a fade.
 */
import { startEngine, type BackendName } from '@pggan/engine';
import { measureRun, parseTrainingOptions } from '@pggan/model';
import { machine } from './measure.mjs';

const [backend = 'tensorflow', ...numbers] = process.argv.slice(2);
const [resolution = 64, fmapBase = 1024, fmapMax = 64, minibatchBase = 16] = numbers.map(Number);
const info = await startEngine({ backend: backend as BackendName });
console.log(`${info.reason}; ${machine()}`);
const options = parseTrainingOptions({
  network: { resolution, fmapBase, fmapMax },
  schedule: { minibatchBase, tickKimgDict: {} },
});
await measureRun({
  options,
  passes: 3,
  onResolution: ({ resolution: side, minibatch, secondsPerKimg, startSeconds, peakBytes }) => {
    const step = (secondsPerKimg * minibatch) / 1000;
    console.log(
      `${String(side).padStart(4)} px: ${step.toFixed(3)} s a step of ${minibatch}, ` +
        `${secondsPerKimg.toFixed(1)} s/kimg, recording ${startSeconds.toFixed(1)} s, ` +
        `${(peakBytes / 2 ** 20).toFixed(0)} MiB`,
    );
  },
});
