import { describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.js';

describe('parseOptions', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({ out: 'data/sample-faces', count: 2500, seed: 1, help: false });
  });

  it('takes both spellings of a value', () => {
    expect(parseOptions(['--count', '12', '--seed=4', '--out=x'])).toEqual({
      out: 'x',
      count: 12,
      seed: 4,
      help: false,
    });
  });

  it.each([
    [['--sead', '1'], 'unknown option --sead; did you mean --seed?'],
    [['-x'], 'unknown option -x'],
    [['more'], "unexpected argument 'more'"],
    [['--count', '0'], "--count: expected a whole number from 1 to 999999, got '0'"],
    [['--count', '2.5'], "got '2.5'"],
    [['--count'], '--count: expected a whole number from 1 to 999999, got nothing'],
    [['--seed', '4294967296'], '--seed: expected a whole number from 0 to 4294967295'],
    [['--out'], '--out: expected a folder, got nothing'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
