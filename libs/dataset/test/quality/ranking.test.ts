/** All degradations, all photographs: tools/bench/quality.mts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { testData } from '../faces-support.js';
import { deadLeaves } from './dead-leaves.js';
import { loadPhotograph, photographs, type Loaded } from './portraits.js';
import { shareOfWins } from './ranking.js';

const count = 24;
const madeCount = 16;
const points = [70, 75, 110, 75, 90, 98, 75, 118, 105, 118];

/** Pictures of 180 × 180 with faces of several sizes and leanings. */
async function* made(): AsyncGenerator<Loaded> {
  for (let i = 0; i < madeCount; i++) {
    const random = new RandomState(i);
    const [scale, angle] = [0.7 + 0.3 * random.uniform(), (random.uniform() - 0.5) * 0.6];
    const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    const turned = [0, 2, 4, 6, 8].flatMap((at) => {
      const [x, y] = [points[at]! - 90, points[at + 1]! - 90];
      return [90 + cos * x - sin * y, 90 + sin * x + cos * y];
    });
    yield { picture: deadLeaves(180, 100 + i), points: turned };
  }
}

async function* photographed(size: number): AsyncGenerator<Loaded> {
  // Of odd number: the constants of the score were chosen on the others.
  const all = photographs(testData).filter((_, i) => i % 2 === 1);
  for (let i = 0; i < count; i++)
    yield loadPhotograph(testData, all[Math.floor((i * all.length) / count)]!, size);
}

describe('pictures rank above what blur, JPEG, enlargement, noise and motion make of them, in 95 of 100 pairs', () => {
  it('made ones', async () => {
    for (const [name, share] of await shareOfWins(made(), 128))
      expect(share, name).toBeGreaterThanOrEqual(0.95);
  });

  it.skipIf(!existsSync(join(testData, 'faces-index.csv')))(
    'photographs of PGGAN_TEST_DATA, as portraits of 256 px',
    async () => {
      for (const [name, share] of await shareOfWins(photographed(256), 256))
        expect(share, name).toBeGreaterThanOrEqual(0.95);
    },
    300_000,
  );
});
