import { describe, expect, it } from 'vitest';
import { DEFECT_SHARES, landmarkPixels, planPicture, toPicture, type Defect } from '../src/plan.js';

const plans = Array.from({ length: 3000 }, (_, index) => planPicture(1, index));

describe('planPicture', () => {
  it('depends on seed and index alone', () => {
    expect(planPicture(7, 41)).toEqual(planPicture(7, 41));
    expect(planPicture(7, 41)).not.toEqual(planPicture(8, 41));
    // Seeds are mixed with the index, not added to it.
    expect(planPicture(1, 2).sceneSeed).not.toBe(planPicture(2, 1).sceneSeed);
  });

  it('gives each defect its documented share', () => {
    const share = (defect: Defect) => plans.filter((plan) => plan.defect === defect).length / plans.length;
    // Four standard deviations of a binomial share.
    for (const [defect, expected] of Object.entries(DEFECT_SHARES)) {
      const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / plans.length);
      expect(Math.abs(share(defect as Defect) - expected)).toBeLessThan(tolerance);
    }
    expect(share('none')).toBeGreaterThan(0.82);
  });

  it('has two people in some pictures, the second smaller', () => {
    const pairs = plans.filter((plan) => plan.faces.length === 2);
    expect(pairs.length / plans.length).toBeGreaterThan(0.025);
    for (const { faces } of pairs) expect(faces[1]?.scale).toBeLessThan(0.75 * (faces[0]?.scale ?? 0));
  });

  it('keeps every landmark inside the picture and the roll within 25 degrees', () => {
    for (const plan of plans) {
      const main = plan.faces[0];
      if (!main) continue;
      expect(Math.abs(main.roll)).toBeLessThanOrEqual(25);
      landmarkPixels(main).forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(i % 2 ? plan.height : plan.width);
      });
    }
  });

  it('lets the aligned square reach over the edge of some clean pictures', () => {
    const over = plans.filter((plan) => {
      const main = plan.faces[0];
      if (!main || plan.defect !== 'none') return false;
      const corners = ([[-200, -190], [200, -190], [200, 210], [-200, 210]] as const).map((c) => toPicture(main, c)); // prettier-ignore
      return corners.some(([x, y]) => x < 0 || y < 0 || x > plan.width || y > plan.height);
    });
    expect(over.length / plans.length).toBeGreaterThan(0.08);
    expect(over.length / plans.length).toBeLessThan(0.35);
  });

  it('mixes sizes, shapes, colour encodings and EXIF orientations', () => {
    const sides = plans.flatMap(({ width, height }) => [width, height]);
    expect(Math.min(...sides)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...sides)).toBeLessThanOrEqual(520);
    expect(plans.filter(({ width, height }) => width > height).length).toBeGreaterThan(900);
    expect(new Set(plans.map(({ encoding }) => encoding))).toEqual(new Set(['rgb', 'gray', 'cmyk']));
    expect(new Set(plans.map(({ orientation }) => orientation))).toEqual(new Set([1, 2, 3, 6, 8]));
  });
});
