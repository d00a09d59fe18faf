import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { FaceParameters } from '../src/face-parameters.js';
import { landmarkPixels, planPicture, type PicturePlan, type PlacedFace } from '../src/plan.js';
import { renderPicture } from '../src/render.js';

type Pixel = readonly [red: number, green: number, blue: number];

/** A clean picture of one person without anything before the face, on which `change` is made. */
function markedPlan(
  change: (face: FaceParameters) => FaceParameters,
  extra: Partial<PicturePlan> = {},
): PicturePlan {
  for (let index = 0; ; index++) {
    const plan = planPicture(3, index);
    const main = plan.faces[0];
    if (!main || plan.faces.length > 1 || plan.defect !== 'none' || main.scale < 0.5 || !isPlain(main))
      continue;
    const face = change({ ...main.face, glasses: null, hat: null, freckles: false, beard: 'none' });
    return {
      ...plan,
      encoding: 'rgb',
      orientation: 1,
      background: 'gradient',
      quality: 95,
      faces: [{ ...main, face }],
      ...extra,
    };
  }
}

function isPlain({ face, roll }: PlacedFace): boolean {
  return Math.abs(roll) > 6 && face.hair.style === 'parted';
}

/** Mean position of the pixels that `match`, within `reach` of (x, y), in pixel indices of the upright picture. */
async function centroid(jpeg: Buffer, x: number, y: number, reach: number, match: (pixel: Pixel) => boolean) {
  const { data, info } = await sharp(jpeg)
    .autoOrient()
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let [sumX, sumY, count] = [0, 0, 0];
  for (let py = y - reach; py <= y + reach; py++) {
    for (let px = x - reach; px <= x + reach; px++) {
      const at = (py * info.width + px) * 3;
      if (!match([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0])) continue;
      sumX += px;
      sumY += py;
      count++;
    }
  }
  return { x: sumX / count, y: sumY / count, count };
}

const blueIris = (face: FaceParameters): FaceParameters => ({
  ...face,
  colors: { ...face.colors, iris: [0, 0, 255] },
  eyes: { ...face.eyes, gaze: [0, 0], lid: 0, halfHeight: 20 },
});
const isBlue = ([r, , b]: Pixel) => b > 70 && b > 1.6 * r;

describe('renderPicture', () => {
  it('renders the same bytes twice', async () => {
    for (const index of [0, 1, 2, 3]) {
      const plan = planPicture(5, index);
      const [one, two] = await Promise.all([renderPicture(plan), renderPicture(plan)]);
      expect(one.equals(two)).toBe(true);
    }
  });

  it.each([1, 2, 3, 6, 8])(
    'has its eyes where the landmarks say under EXIF orientation %i',
    async (orientation) => {
      const plan = markedPlan(blueIris, { orientation });
      const jpeg = await renderPicture(plan);
      const metadata = await sharp(jpeg).metadata();
      expect(metadata.orientation ?? 1).toBe(orientation);
      expect(metadata.autoOrient).toEqual({ width: plan.width, height: plan.height });
      const points = landmarkPixels(plan.faces[0] as PlacedFace);
      for (const eye of [0, 2]) {
        const [x, y] = [points[eye] as number, points[eye + 1] as number];
        const found = await centroid(jpeg, x, y, 9, isBlue);
        expect(found.count).toBeGreaterThan(20);
        // Half a pixel of rounding, half a pixel for what catchlight and lid hide of the iris.
        expect(Math.abs(found.x - x)).toBeLessThan(1.1);
        expect(Math.abs(found.y - y)).toBeLessThan(1.1);
      }
    },
  );

  it('has the corners of its mouth where the landmarks say', async () => {
    const plan = markedPlan((face) => ({
      ...face,
      colors: { ...face.colors, lips: [0, 60, 255] },
      mouth: { ...face.mouth, open: 0, smile: 0, fullness: 1 },
    }));
    const jpeg = await renderPicture(plan);
    const [, , , , , , lx = 0, ly = 0, rx = 0, ry = 0] = landmarkPixels(plan.faces[0] as PlacedFace);
    const bluish = ([r, , b]: Pixel) => b > r + 10;
    const between = await centroid(jpeg, Math.round((lx + rx) / 2), Math.round((ly + ry) / 2), 4, bluish);
    expect(between.count).toBeGreaterThan(40);
    const length = Math.hypot(rx - lx, ry - ly);
    const outside = (t: number) => [Math.round(lx + (rx - lx) * t), Math.round(ly + (ry - ly) * t)] as const;
    for (const t of [-4 / length, 1 + 4 / length]) {
      expect((await centroid(jpeg, ...outside(t), 1, bluish)).count).toBe(0);
    }
  });

  it('encodes grey as one channel and CMYK as four', async () => {
    const same = (face: FaceParameters) => face;
    const gray = await sharp(await renderPicture(markedPlan(same, { encoding: 'gray' }))).metadata();
    const cmyk = await sharp(await renderPicture(markedPlan(same, { encoding: 'cmyk' }))).metadata();
    expect([gray.format, gray.channels]).toEqual(['jpeg', 1]);
    expect([cmyk.format, cmyk.channels, cmyk.space]).toEqual(['jpeg', 4, 'cmyk']);
  });

  it('does what the defect says', async () => {
    const same = (face: FaceParameters) => face;
    const stats = async (extra: Partial<PicturePlan>) => {
      const jpeg = await renderPicture(markedPlan(same, extra));
      const { channels, sharpness } = await sharp(jpeg).stats();
      return { mean: channels[1]?.mean ?? 0, sharpness, bytes: jpeg.length };
    };
    const clean = await stats({});
    expect((await stats({ defect: 'blur', amount: 8 })).sharpness).toBeLessThan(0.4 * clean.sharpness);
    expect((await stats({ defect: 'noise', amount: 40 })).sharpness).toBeGreaterThan(3 * clean.sharpness);
    expect((await stats({ defect: 'dark', amount: 0.15 })).mean).toBeLessThan(0.2 * clean.mean);
    expect((await stats({ defect: 'jpeg', amount: 7, quality: 7 })).bytes).toBeLessThan(0.4 * clean.bytes);
  });
});
