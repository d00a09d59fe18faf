import { startEngine, tf } from '@pggan/engine';
import { beforeAll, expect, it } from 'vitest';
import { estimateSeconds, fitToTime, measureSpeed, parseTrainingOptions } from '../src/index.js';
import { smallOptions } from './train-small.js';

beforeAll(async () => {
  await startEngine({ backend: 'cpu' });
});

it('times every resolution of a run and leaves nothing behind', async () => {
  const before = tf.memory().numTensors;
  const options = smallOptions({ resolution: 8, maps: 2 });
  let time = 0;
  const speeds = await measureSpeed({ options, passes: 1, now: () => (time += 1) });
  expect(speeds).toEqual([
    { resolution: 4, minibatch: 4, secondsPerKimg: 250, startSeconds: 0 },
    { resolution: 8, minibatch: 4, secondsPerKimg: 250, startSeconds: 0 },
  ]);
  expect(tf.memory().numTensors).toBe(before);
});

it('stretches a run to a given time', () => {
  const options = parseTrainingOptions({
    network: { resolution: 8 },
    schedule: { lodTrainingKimg: 10, lodTransitionKimg: 5, tickKimgDict: { 4: 2, 8: 1 } },
    totalKimg: 30,
  });
  const speed = (resolution: number, secondsPerKimg: number) => ({
    resolution,
    minibatch: 16,
    secondsPerKimg,
    startSeconds: 2,
  });
  const speeds = [speed(4, 1), speed(8, 6)];
  expect(estimateSeconds(options, speeds)).toBe(10 * 1 + 20 * 6 + 3 * 2);
  const fitted = fitToTime(options, speeds, 71);
  expect(estimateSeconds(fitted, speeds)).toBeCloseTo(71, 6);
  expect(fitted).toMatchObject({
    totalKimg: 15,
    schedule: { lodTrainingKimg: 5, lodTransitionKimg: 2.5, tickKimgDict: { 4: 1, 8: 0.5 } },
  });
  expect(parseTrainingOptions(fitted)).toEqual(fitted);
});
