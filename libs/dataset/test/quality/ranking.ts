/** Do known degradations of pictures rank below the pictures, by the score that selection ranks by? */
import { buildOptionsSchema, planBuild } from '../../src/pipeline/options.js';
import { toPlanes } from '../../src/pipeline/pixels.js';
import { Ranking } from '../../src/pipeline/rank.js';
import { processPicture } from '../../src/pipeline/stage.js';
import { degradations, type Degradation } from './degrade.js';
import type { Loaded } from './portraits.js';

export const spoilers = {
  'blur 2': degradations['blur 2'],
  'jpeg 10': degradations['jpeg 10'],
  'thumbnail 1/4': degradations['thumbnail 1/4'],
  'noise 10': degradations['noise 10'],
  'motion 5': degradations['motion 5'],
} satisfies Record<string, Degradation>;

/** Share of the pictures, for every degradation, that a build with `top: 1` takes rather than their degraded version. */
export async function shareOfWins(
  pictures: AsyncIterable<Loaded>,
  side: number,
): Promise<Map<string, number>> {
  const options = buildOptionsSchema.parse({ source: '-', out: '-', size: side, alignMode: 'fast' });
  const { stage, select } = planBuild(options, {});
  const wins = new Map(Object.keys(spoilers).map((name) => [name, 0]));
  let count = 0;
  for await (const { picture, points } of pictures) {
    const seed = ++count;
    const reportOf = async (spoil?: Degradation) => {
      const image = spoil ? await spoil(picture, seed) : picture;
      const { width, height } = image;
      const source = { kind: 'pixels', width, height, channels: 3, data: toPlanes(image, 3) } as const;
      const [result] = await processPicture(source, stage, () => [{ points, face: 0, faces: 1 }]);
      return result!.report;
    };
    const original = await reportOf();
    for (const [name, spoil] of Object.entries(spoilers)) {
      const ranking = new Ranking(select.topBy, 2);
      ranking.set(0, await reportOf(spoil)); // of equal ones this would be taken
      ranking.set(1, original);
      if (ranking.bestFirst()[0] === 1) wins.set(name, wins.get(name)! + 1);
    }
  }
  return new Map([...wins].map(([name, won]) => [name, won / count]));
}
