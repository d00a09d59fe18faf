import { describe, expect, it } from 'vitest';
import { ModelError, parseTrainingOptions } from '../src/index.js';

const network = { resolution: 1024 };

describe('training options', () => {
  it('default to the official ones', () => {
    expect(parseTrainingOptions({ network })).toMatchObject({
      seed: 1000,
      network: { fmapBase: 8192, fmapMax: 512, latentSize: 512, mbstdGroupSize: 4 },
      schedule: { lodTrainingKimg: 600, lodTransitionKimg: 600, minibatchBase: 16 },
      minibatchRepeats: 4,
      DRepeats: 1,
      GSmoothing: 0.999,
      totalKimg: 15000,
      mirrorAugment: false,
      wgan: { lambda: 10, epsilon: 0.001, target: 1 },
      adam: { beta1: 0, beta2: 0.99, epsilon: 1e-8 },
      resetOptForNewLod: true,
      imageSnapshotTicks: 1,
      networkSnapshotTicks: 10,
    });
  });

  it('parsed twice are the same', () => {
    const options = parseTrainingOptions({ network, schedule: { minibatchDict: { 64: 8 } } });
    expect(parseTrainingOptions(JSON.parse(JSON.stringify(options)))).toEqual(options);
  });

  it('accept the v1 preset only with its larger statistics group', () => {
    const schedule = { minibatchDict: { 256: 14, 512: 6, 1024: 3 } };
    const v1 = { network: { ...network, mbstdGroupSize: 16 }, schedule };
    expect(parseTrainingOptions(v1).network.mbstdGroupSize).toBe(16);
    expect(() => parseTrainingOptions({ network, schedule })).toThrow(
      'schedule.minibatchDict.256: 14 images per step at 256 px do not divide into ' +
        'minibatch-stddev groups of 4; expected at most 4 or a multiple of it, or another ' +
        'network.mbstdGroupSize',
    );
  });

  it('ignore minibatches of resolutions that the run never reaches', () => {
    const schedule = { minibatchDict: { 1024: 6 } };
    expect(parseTrainingOptions({ network, schedule, totalKimg: 100 })).toBeDefined();
    const small = { network: { resolution: 512 }, schedule };
    expect(parseTrainingOptions(small)).toBeDefined();
  });

  it.each([
    [{}, /network: /],
    [{ network, totalKimg: 0 }, /totalKimg: /],
    [{ network, speed: 9 }, /options: .*"speed"/],
    [{ network, GSmoothing: 1 }, /GSmoothing: /],
    [{ network, simultaneous: true, DRepeats: 2 }, /simultaneous: expected DRepeats 1 with it, got 2/],
    [{ network, schedule: { minibatchDict: { 100: 4 } } }, /schedule.minibatchDict.100: /],
    [{ network, schedule: { devices: 4, minibatchBase: 2 } }, /4 devices leave no image/],
  ])('%j are refused', (input, message) => {
    const attempt = () => parseTrainingOptions(input);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(ModelError);
  });
});
