import { describe, expect, it } from 'vitest';
import { rgbImage } from '../../src/index.js';
import { cropImage } from '../../src/faces/lanczos.js';
import { fitPicture, fits, usedPart } from '../../src/pipeline/fit.js';
import { buildOptionsSchema, planBuild, type BuildRequest } from '../../src/pipeline/options.js';
import { fromPlanes, mirrored, toPlanes } from '../../src/pipeline/pixels.js';

/** Every pixel tells where it was: red its column, green its row. */
function grid(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return i % 3 === 0 ? pixel % width : i % 3 === 1 ? Math.floor(pixel / width) : 7;
  });
  return rgbImage(width, height, data);
}

const corner = (image: { data: Uint8Array }) => [...image.data.subarray(0, 3)];
const gray: [number, number, number] = [9, 8, 7];
const plan = (request: Partial<BuildRequest>) =>
  planBuild(buildOptionsSchema.parse({ source: 's', out: 'o', ...request }), {});

describe('fit', () => {
  it('crop takes the middle, the odd pixel stays right and below', () => {
    const { image, enlarged, outside } = fits.crop(grid(13, 8), { width: 8, height: 8 }, gray);
    expect([corner(image), enlarged, outside]).toEqual([[2, 0, 7], 1, 0]);
    expect(corner(fits.crop(grid(8, 13), { width: 8, height: 8 }, gray).image)).toEqual([0, 2, 7]);
  });

  it('crop keeps the shape of a rectangle', () => {
    const { image } = fits.crop(grid(40, 24), { width: 32, height: 24 }, gray);
    expect([image.width, image.height, ...corner(image)]).toEqual([32, 24, 4, 0, 7]);
  });

  it('pad adds background to the shape, then scales', () => {
    const same = fits.pad(grid(8, 4), { width: 8, height: 8 }, gray);
    expect(corner(same.image)).toEqual(gray);
    expect([...same.image.data.subarray(8 * 2 * 3, 8 * 2 * 3 + 3)]).toEqual([0, 0, 7]);
    expect(same.outside).toBe(0.5);
    expect(fits.pad(grid(16, 8), { width: 8, height: 8 }, gray).enlarged).toBe(0.5);
  });

  it('letterbox scales to the inside, then adds background', () => {
    const { image, enlarged, outside } = fits.letterbox(grid(16, 8), { width: 8, height: 8 }, gray);
    expect([image.width, image.height, enlarged, outside]).toEqual([8, 8, 0.5, 0.5]);
    for (const row of [0, 1, 6, 7]) expect([...image.data.subarray(row * 24, row * 24 + 3)]).toEqual(gray);
    expect(image.data[2 * 24 + 2]).toBe(7); // the picture begins here, its edge is sharp
  });

  it('stretch scales each side by itself', () => {
    const { image, enlarged } = fits.stretch(grid(16, 4), { width: 8, height: 8 }, gray);
    expect([image.width, image.height, enlarged]).toEqual([8, 8, 2]);
  });

  it('center scales nothing and refuses what is larger', () => {
    const { image } = fits.center(grid(28, 28), { width: 32, height: 32 }, [0, 0, 0]);
    expect([...image.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...image.data.subarray((2 * 32 + 2) * 3, (2 * 32 + 2) * 3 + 3)]).toEqual([0, 0, 7]);
    expect(() => fits.center(grid(33, 8), { width: 32, height: 32 }, gray)).toThrow(
      /33x8, larger than 32x32/,
    );
  });

  it('exact takes pictures of the size and no others', () => {
    expect(fits.exact(grid(8, 6), { width: 8, height: 6 }, gray).image).toEqual(grid(8, 6));
    expect(() => fits.exact(grid(6, 8), { width: 8, height: 6 }, gray)).toThrow(
      expect.objectContaining({ reason: 'does-not-fit' }),
    );
  });

  it('the crop of the official tool for CelebA: rows 57 to 184, columns 25 to 152', () => {
    const { stage } = plan({ crop: { x: 89, y: 121, side: 128 }, size: 128, align: 'none' });
    const cut = (width: number, height: number) => {
      const picture = grid(width, height);
      return fitPicture(cropImage(picture, usedPart(picture, stage)), picture, stage);
    };
    const { image } = cut(178, 218);
    expect([image.width, image.height, ...corner(image)]).toEqual([128, 128, 25, 57, 7]);
    expect(() => cut(100, 218)).toThrow(/the 128x128 square around \(89, 121\) leaves it/);
  });
});

describe('planes', () => {
  it('there and back', () => {
    const picture = grid(5, 3);
    expect(fromPlanes(toPlanes(picture, 3), 3, 5, 3)).toEqual(picture);
  });

  it('gray stays gray, colours take the weights of ITU-R 601', () => {
    const values = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(toPlanes(fromPlanes(values, 1, 16, 16), 1)).toEqual(values);
    // Pillow's convert('L') of pure red, green, blue
    const colours = rgbImage(3, 1, Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255));
    expect([...toPlanes(colours, 1)]).toEqual([76, 150, 29]);
  });

  it('mirrored twice is the same', () => {
    const planes = toPlanes(grid(6, 4), 3);
    expect([...mirrored(planes, 6).subarray(0, 6)]).toEqual([5, 4, 3, 2, 1, 0]);
    expect(mirrored(mirrored(planes, 6), 6)).toEqual(planes);
  });
});

describe('plans', () => {
  it('what is asked for wins over what the source suggests, that over the general', () => {
    const suggested = { align: 'none', size: { width: 32, height: 32 }, shuffle: false } as const;
    const options = buildOptionsSchema.parse({ source: 's', out: 'o', size: 16 });
    const { prepare } = planBuild(options, suggested);
    expect(prepare).toMatchObject({ align: 'none', shuffle: false, channels: 3 });
    expect(prepare.size).toEqual({ width: 16, height: 16 });
  });

  it('of more than 30,000 portraits the best are kept, of other pictures all', () => {
    expect(plan({}).select.top).toBe(30_000);
    expect(plan({ align: 'none' }).select.top).toBeNull();
    expect([plan({ top: null }).select.top, plan({ top: 7 }).select.top]).toEqual([null, 7]);
    expect(plan({ align: 'none', top: 7 }).select.top).toBe(7);
  });

  it('sharpness is asked of portraits only', () => {
    expect(plan({}).select.minSharpness).toBe(6);
    expect(plan({ align: 'none' }).select.minSharpness).toBe(0);
    expect(plan({ align: 'none', minSharpness: 3 }).select.minSharpness).toBe(3);
  });
});
