import { describe, expect, it } from 'vitest';
import { formatSize, levelOf, levelSizes, nearestSize, parseSize } from '../../src/index.js';
import {} from '../../src/records/image-size.js';
import { imageSizeSchema } from '../../src/records/image-size-schema.js';

describe('sizes of images', () => {
  it.each([
    ['4', ['4x4']],
    ['16', ['16x16', '8x8', '4x4']],
    ['32x24', ['32x24', '16x12', '8x6', '4x3']],
    ['24x32', ['24x32', '12x16', '6x8', '3x4']],
    ['16x8', ['16x8', '8x4', '4x2']],
    ['20x16', ['20x16', '10x8', '5x4']],
    ['7x5', ['7x5']],
  ])('%s halves to its base', (text, levels) => {
    const sizes = levelSizes(parseSize(text)!)!;
    expect(sizes.map(formatSize)).toEqual(levels);
    expect(sizes.map(levelOf)).toEqual(levels.map((_, i) => levels.length + 1 - i));
  });

  it.each([
    ['3', '4x4'],
    ['48', '64x64'],
    ['30x24', '28x24'],
    ['100x75', '96x80'],
    ['64x16', '64x32'],
    ['2048', '1024x1024'],
  ])('%s is refused, %s is near', (text, near) => {
    const size = parseSize(text)!;
    const parsed = imageSizeSchema.safeParse(size);
    expect(parsed.success).toBe(false);
    expect(formatSize(nearestSize(size))).toBe(near);
    expect(parsed.error!.issues[0]!.message).toMatch(/power of two from 4 to 1024, or WIDTHxHEIGHT/);
  });

  it('what is suggested is accepted', () => {
    for (let width = 1; width < 1200; width += 7)
      for (let height = 1; height < 1200; height += 13)
        expect(imageSizeSchema.safeParse(nearestSize({ width, height })).success, `${width}x${height}`).toBe(
          true,
        );
  });

  it.each(['', 'x', '64x', 'x64', '64 x 48', '-4', '1e2', '64x48x3'])('%j is no size', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});
