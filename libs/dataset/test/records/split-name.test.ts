import { expect, it } from 'vitest';
import { splitName } from '../../src/records/split-name.js';

const held = (source: unknown) => ({ kind: 'split', part: 'held-out', from: { name: 'all', source } });
const digits = { kind: 'mnist', name: 'mnist', pictures: 60000, split: 'train' };

it.each([
  ['of a set in parts', digits, 'train'],
  ['of prep split', held({ kind: 'folder', name: 'people' }), 'held-out'],
  ['of one made with the official tool', held(null), 'held-out'],
  ['of both', held(digits), 'held-out of train'],
  ['of a part of a part', held(held(digits)), 'held-out of held-out of train'],
  ['of a whole', { kind: 'folder', name: 'people' }, null],
  ['of a merge', { kind: 'merge', from: [digits, digits] }, null],
  ['of what says nothing', undefined, null],
  ['of a damaged index', { kind: 'split', part: 3 }, null],
])('%s', (_, source, name) => {
  expect(splitName(source)).toBe(name);
});
