import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { latentWalk } from '../src/latent-walk.js';

const options = { seed: 1000, frames: 40, cells: 2, latentSize: 3, sigma: 4 };

describe('latentWalk', () => {
  it('has a mean square of one, and is the same for the same seed', () => {
    const walk = latentWalk(options);
    expect(walk).toHaveLength(40 * 2 * 3);
    expect(walk.reduce((sum, x) => sum + x * x, 0) / walk.length).toBeCloseTo(1, 5);
    expect(latentWalk(options)).toEqual(walk);
    expect(latentWalk({ ...options, seed: 1 })).not.toEqual(walk);
  });

  // scipy.ndimage.gaussian_filter(np.random.RandomState(1000).randn(40, 2, 3).astype(np.float32), [4, 0, 0], mode='wrap'),
  // divided by its root mean square; SciPy 1.17.1
  it('is what SciPy makes of the same numbers, within 2e-6', () => {
    const walk = latentWalk(options);
    const expected = [
      [0, 0.01414764],
      [1, -0.67399222],
      [7, -0.5282917],
      [50, -0.7571398],
      [119, 0.10495443],
      [120, 0.94221258],
      [200, -1.5809439],
      [239, 0.021605674],
    ] as const;
    for (const [index, value] of expected) expect(Math.abs(walk[index]! - value)).toBeLessThan(2e-6);
  });

  it('is a loop of small steps: the end is as near to the beginning as neighbours are', () => {
    const walk = latentWalk(options);
    const distance = (a: number, b: number) =>
      Math.hypot(...Array.from({ length: 6 }, (_, k) => walk[a * 6 + k]! - walk[b * 6 + k]!));
    const steps = Array.from({ length: 39 }, (_, i) => distance(i, i + 1));
    expect(distance(39, 0)).toBeLessThan(2 * Math.max(...steps));
    expect(Math.max(...steps)).toBeLessThan(distance(0, 20));
  });

  it('without smoothing is the normal numbers themselves, scaled', () => {
    const walk = latentWalk({ ...options, sigma: 0 });
    const plain = new RandomState(1000).normals(240);
    expect(walk[17]! / walk[3]!).toBeCloseTo(plain[17]! / plain[3]!, 4);
  });
});
