import { describe, expect, it } from 'vitest';
import {
  selectionSchema,
  selectTop,
  type Candidate,
  type SelectionRequest,
} from '../../src/quality/select-top.js';

function candidates(scores: Readonly<Record<string, Candidate['scores']>>): Candidate[] {
  return Object.entries(scores).map(([path, values]) => ({ path, sha256: `sha-${path}`, scores: values }));
}

/** Paths of those taken, best first. */
function taken(
  list: readonly Candidate[],
  request: SelectionRequest,
  near?: Parameters<typeof selectTop>[2],
) {
  return selectTop(list, selectionSchema.parse(request), near)
    .flatMap(({ place }, i) => (place === null ? [] : [{ place, path: list[i]!.path }]))
    .sort((a, b) => a.place - b.place)
    .map(({ path }) => path);
}

const four = candidates({
  a: { quality: -20, size: 100 },
  b: { quality: -18, size: 30 },
  c: { quality: -25, size: 400 },
  d: { quality: -19, size: null },
});

describe('selection by scores', () => {
  it('takes everything that is within the limits, in the order of path when nothing ranks it', () => {
    expect(taken(four, {})).toEqual(['a', 'b', 'c', 'd']);
    expect(taken(four, { limits: { quality: { min: -20 } } })).toEqual(['a', 'b', 'd']);
    expect(taken(four, { limits: { quality: { max: -20 }, size: { min: 200 } } })).toEqual(['c']);
  });

  it('says which limit a picture does not meet', () => {
    const choose = (limits: SelectionRequest['limits']) =>
      selectTop(four, selectionSchema.parse({ limits })).map(({ refused, score }) => [refused, score]);
    expect(choose({ quality: { min: -20, max: -18.5 }, size: { missing: 'drop' } })).toEqual([
      [null, null],
      ['above-maximum', 'quality'],
      ['below-minimum', 'quality'],
      ['score-missing', 'size'],
    ]);
  });

  it('ranks by a score, by several, and where less is better', () => {
    expect(taken(four, { rank: [{ score: 'quality' }], top: 2 })).toEqual(['b', 'd']);
    expect(taken(four, { rank: [{ score: 'quality', weight: -1 }], top: 1 })).toEqual(['c']);
    // Ranks of quality: b 1, d 2/3, a 1/3, c 0; of size: c 1, a 1/2, d (unknown) 1/2, b 0.
    const both = [{ score: 'quality' }, { score: 'size', weight: 2 }];
    const choices = selectTop(four, selectionSchema.parse({ rank: both }));
    expect(choices.map(({ key }) => key!.toFixed(3))).toEqual(['1.333', '1.000', '2.000', '1.667']);
    expect(choices.map(({ place }) => place)).toEqual([2, 3, 0, 1]);
  });

  it('ranks by standard deviations from the mean', () => {
    const list = candidates({ a: { x: 1 }, b: { x: 2 }, c: { x: 9 }, d: { x: null }, e: { x: 4 } });
    const choices = selectTop(list, selectionSchema.parse({ rank: [{ score: 'x' }], by: 'z' }));
    const spread = Math.sqrt((9 + 4 + 25 + 0) / 4);
    const expected = [-3 / spread, -2 / spread, 5 / spread, 0, 0];
    for (const [i, { key }] of choices.entries()) expect(key).toBeCloseTo(expected[i]!, 12);
    const equal = candidates({ a: { x: 3 }, b: { x: 3 } });
    expect(taken(equal, { rank: [{ score: 'x' }], by: 'z' })).toEqual(['a', 'b']);
  });

  it('ranks among those within the limits only, and refuses what is beyond the top', () => {
    const request = { limits: { size: { min: 50 } }, rank: [{ score: 'quality' }], top: 1 };
    const choices = selectTop(four, selectionSchema.parse(request));
    expect(choices).toEqual([
      { place: null, key: 0.5, refused: 'beyond-top', score: null },
      { place: null, key: null, refused: 'below-minimum', score: 'size' },
      { place: null, key: 0, refused: 'beyond-top', score: null },
      { place: 0, key: 1, refused: null, score: null },
    ]);
  });

  it('breaks ties by sha256, then by path, whatever the order of the candidates', () => {
    const tied: Candidate[] = [
      { path: 'z', sha256: '1', scores: { x: 1 } },
      { path: 'b', sha256: '2', scores: { x: 1 } },
      { path: 'a', sha256: '2', scores: { x: 1 } },
      { path: 'y', sha256: '9', scores: { x: 2 } },
    ];
    const request: SelectionRequest = { rank: [{ score: 'x' }] };
    expect(taken(tied, request)).toEqual(['y', 'z', 'a', 'b']);
    expect(taken([...tied].reverse(), request)).toEqual(['y', 'z', 'a', 'b']);
    expect(taken([...tied].reverse(), { ...request, by: 'z', top: 2 })).toEqual(['y', 'z']);
  });

  it('takes the better one of two that show the same, if it is taken itself', () => {
    const near = [
      { first: 0, second: 1, distance: 2 },
      { first: 1, second: 3, distance: 0 },
      { first: 2, second: 0, distance: 1 },
    ];
    expect(taken(four, { rank: [{ score: 'quality' }] }, near)).toEqual(['b', 'c']);
    // Without b, which is beyond a limit, d stays.
    expect(taken(four, { rank: [{ score: 'quality' }], limits: { quality: { max: -19 } } }, near)).toEqual([
      'd',
      'a',
    ]);
    const refused = selectTop(four, selectionSchema.parse({ rank: [{ score: 'quality' }] }), near);
    expect(refused.map((choice) => choice.refused)).toEqual(['near-duplicate', null, null, 'near-duplicate']);
  });

  it('has room for the next best where a duplicate is refused', () => {
    const near = [{ first: 1, second: 3, distance: 0 }];
    expect(taken(four, { rank: [{ score: 'quality' }], top: 2 }, near)).toEqual(['b', 'a']);
  });

  it('refuses scores that nobody has, by name', () => {
    const selection = selectionSchema.parse({ limits: { sharpnes: { min: 1 } } });
    expect(() => selectTop(four, selection)).toThrow(
      /no picture has the score sharpnes; known: quality, size/,
    );
    expect(() => selectTop(four, selectionSchema.parse({ rank: [{ score: 'toString' }] }))).toThrow(
      /toString/,
    );
    expect(selectTop([], selection)).toEqual([]);
  });

  it.each([
    { limits: { x: { min: 2, max: 1 } } },
    { limits: { x: { least: 1 } } },
    { top: 0 },
    { top: 1.5 },
    { rank: [{ score: '' }] },
    { rank: [{ score: 'x', weight: Infinity }] },
    { by: 'luck' },
  ])('does not understand %j', (request) => {
    expect(selectionSchema.safeParse(request).success).toBe(false);
  });
});
