import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { explainIssues, nearestName } from '../src/index.js';

const schema = z.strictObject({
  name: z.string(),
  input: z
    .strictObject({ layout: z.enum(['nchw', 'nhwc']), width: z.number().optional() })
    .prefault({ layout: 'nchw' }),
});

function explained(data: unknown): string {
  return explainIssues(schema.safeParse(data).error!, data, 'the manifest', schema);
}

describe('what is wrong is told with key, expectation and find', () => {
  it.each([
    [{ name: 3 }, 'name: expected string, got 3'],
    [{ name: 'a', input: { layout: 'hwc' } }, 'input.layout: expected one of nchw, nhwc, got "hwc"'],
    [
      { name: 'a', nmae: 1 },
      'the manifest: expected no key "nmae" (did you mean "name"?), got {"name":"a","nmae":1}',
    ],
    [
      { name: 'a', input: { layout: 'nchw', widht: 1 } },
      'input: expected no key "widht" (did you mean "width"?), got {"layout":"nchw","widht":1}',
    ],
    [{ name: 'a', other: 1 }, 'the manifest: expected no key "other", got {"name":"a","other":1}'],
    ['text', 'the manifest: expected object, got "text"'],
  ])('%j', (data, message) => {
    expect(explained(data)).toBe(message);
  });

  it.each([
    [z.tuple([z.number(), z.number()]), [0], 'at least 2 values, got [0]'],
    [z.array(z.number()).max(1), [1, 2], 'at most 1 value, got [1,2]'],
    [z.string().min(1), '', 'at least 1 character, got ""'],
    [z.number().min(3), 2, 'at least 3, got 2'],
    [z.number().lt(3), 3, 'less than 3, got 3'],
  ])('what is counted is named: %#', (counted, data, message) => {
    expect(explainIssues(counted.safeParse(data).error!, data)).toBe(`the value: expected ${message}`);
  });

  it('without the schema no key is guessed', () => {
    const data = { name: 'a', nmae: 1 };
    const { error } = schema.safeParse(data);
    expect(explainIssues(error!, data)).toBe('the value: expected no key "nmae", got {"name":"a","nmae":1}');
  });
});

it.each([
  ['resiser', 'resizer'],
  ['Outputs', 'outputs'],
  ['feature', 'features'],
  ['x', null],
  ['layer', null],
])('of %s is meant %s', (name, meant) => {
  expect(nearestName(name, ['resizer', 'outputs', 'features'])).toBe(meant);
});
