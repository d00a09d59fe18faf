import { describe, expect, it } from 'vitest';
import { metricName, parseMetric } from '../../src/index.js';
import { resolveMetric } from '../../src/evaluation/metric-name.js';

describe('names of metrics', () => {
  // facts 8.1
  it.each([
    ['swd16k', 'swd', 16384],
    ['msssim20k', 'msssim', 20000],
    ['fid10k', 'fid', 10000],
    ['fid50k', 'fid', 50000],
    ['is50k', 'is', 50000],
    ['kid1000', 'kid', 1000],
    ['swd512', 'swd', 512],
    ['modes25.6k', 'modes', 25600],
    ['pr', 'pr', null],
  ])('%s is %s of %s images', (name, kind, images) => {
    expect(parseMetric(name)).toEqual({ kind, images });
  });

  it('are found again by their shortest name', () => {
    for (const name of ['swd16k', 'swd500', 'fid50k', 'msssim20k', 'is10', 'modes25600', 'pr'])
      expect(metricName(parseMetric(name))).toBe(name);
  });

  it.each([
    ['swd16', null],
    [
      'SWD16k',
      'expected swd, msssim, fid, kid, is, pr, modes with a number of images, as in swd16k, got "SWD16k"',
    ],
    ['fidd', 'got "fidd"'],
    ['', 'got ""'],
    ['swd-16k', 'got "swd-16k"'],
    ['swd0', 'swd needs a whole number of images, 1 or more, got "swd0"'],
    ['fid1.5', 'fid needs a whole number of images, 2 or more, got "fid1.5"'],
    ['is9', 'is needs a whole number of images, 10 or more'],
    ['msssim3', 'msssim needs pairs of images, got "msssim3"'],
  ])('%s: %s', (name, message) => {
    if (message === null) expect(parseMetric(name).images).toBe(16);
    else expect(() => parseMetric(name)).toThrow(message);
  });

  it('without a number are of what there is, or of the official number', () => {
    expect(resolveMetric(parseMetric('swd'), 300).images).toBe(300);
    expect(resolveMetric(parseMetric('msssim'), 301).images).toBe(300);
    expect(resolveMetric(parseMetric('fid'), null).images).toBe(50000);
    expect(resolveMetric(parseMetric('fid2k'), 300).images).toBe(2000);
    expect(() => resolveMetric(parseMetric('fid'), 1)).toThrow('fid: expected at least 2 images, got 1');
  });
});
