import { describe, expect, it } from 'vitest';
import {
  activeResolution,
  judgeSnapshots,
  mostSnapshots,
  retentionSchema,
  type Snapshot,
} from '../src/index.js';

/** Six snapshots: two resolutions of two, then two at 16; their FIDs and scores. */
const snapshots: Snapshot[] = [
  { name: 'a', nimg: 10, resolution: 4, metrics: { fid: 90, is: 1 } },
  { name: 'b', nimg: 20, resolution: 4, metrics: { fid: 30, is: 2 } },
  { name: 'c', nimg: 30, resolution: 8, metrics: { fid: 40, is: 5 } },
  { name: 'd', nimg: 40, resolution: 8, metrics: { fid: null } },
  { name: 'e', nimg: 50, resolution: 16, metrics: { fid: 30, is: 5 } },
  { name: 'f', nimg: 60, resolution: 16 },
];

describe('of six snapshots', () => {
  it.each<[string, object, string]>([
    ['the default', {}, 'b:resolution d:last,resolution e:last f:last,resolution'],
    ['one', { last: 1, perResolution: false }, 'f:last'],
    ['two and one per resolution', { last: 2 }, 'b:resolution d:resolution e:last f:last,resolution'],
    ['all', { last: 'all', perResolution: false }, 'a:last b:last c:last d:last e:last f:last'],
    ['more than there are', { last: 9, perResolution: false }, 'a:last b:last c:last d:last e:last f:last'],
    [
      'the lowest; of two equal ones the newer',
      { last: 1, perResolution: false, best: { metric: 'fid', prefer: 'lower' } },
      'e:best f:last',
    ],
    [
      'the highest',
      { last: 1, perResolution: false, best: { metric: 'is', prefer: 'higher' } },
      'e:best f:last',
    ],
    [
      'the highest of another number',
      { last: 1, perResolution: false, best: { metric: 'fid', prefer: 'higher' } },
      'a:best f:last',
    ],
    [
      'none is best by a number that none has',
      { last: 1, perResolution: false, best: { metric: 'swd', prefer: 'lower' } },
      'f:last',
    ],
  ])('%s kept', (_, policy, expected) => {
    for (const order of [snapshots, [...snapshots].reverse()]) {
      const kept = judgeSnapshots(order, retentionSchema.parse(policy))
        .filter(({ reasons }) => reasons.length > 0)
        .map(({ snapshot, reasons }) => `${snapshot.name}:${reasons.join()}`);
      expect(kept.join(' ')).toBe(expected);
    }
  });

  it('infinities are no best', () => {
    const best = { metric: 'x', prefer: 'higher' } as const;
    const odd = [NaN, Infinity, 3].map((x, i) => ({
      name: String(i),
      nimg: i,
      resolution: 4,
      metrics: { x },
    }));
    const policy = retentionSchema.parse({ last: 1, perResolution: false, best });
    expect(judgeSnapshots(odd, policy).map(({ reasons }) => reasons)).toEqual([[], [], ['last', 'best']]);
  });
});

it.each([
  [-1, 4],
  [3, 4],
  [2.5, 8],
  [2, 8],
  [0.25, 32],
  [0, 32],
])('a network of 32x32 at lod %d trains images of side %d', (lod, side) => {
  expect(activeResolution({ resolution: 32 }, lod)).toBe(side);
});

it.each<[object, number, number]>([
  [{}, 100, 7],
  [{ last: 'all' }, 100, 100],
  [{ last: 2, perResolution: false }, 100, 2],
  [{ best: { metric: 'fid', prefer: 'lower' } }, 100, 8],
  [{}, 2, 2],
])('%j of %d snapshots over four resolutions leaves at most %d', (policy, written, most) => {
  expect(mostSnapshots(retentionSchema.parse(policy), written, 4)).toBe(most);
});
