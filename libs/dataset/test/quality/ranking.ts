/** Do known degradations of pictures rank below the pictures, by the score that selection ranks by? */
import { faceQuality } from '../../src/quality/face-quality.js';
import { selectionSchema, selectTop } from '../../src/quality/select-top.js';
import { degradations, type Degradation } from './degrade.js';
import { portraitOf, type Loaded } from './portraits.js';

export const spoilers = {
  'blur 2': degradations['blur 2'],
  'jpeg 10': degradations['jpeg 10'],
  'thumbnail 1/4': degradations['thumbnail 1/4'],
  'noise 10': degradations['noise 10'],
  'motion 5': degradations['motion 5'],
} satisfies Record<string, Degradation>;

/** Share of the pictures, for every degradation, that `selectTop` takes rather than their degraded version. */
export async function shareOfWins(
  pictures: AsyncIterable<Loaded>,
  size: number,
): Promise<Map<string, number>> {
  const selection = selectionSchema.parse({ rank: [{ score: 'quality' }], top: 1 });
  const wins = new Map(Object.keys(spoilers).map((name) => [name, 0]));
  let count = 0;
  for await (const picture of pictures) {
    const seed = ++count;
    const candidateOf = async (path: string, spoil?: Degradation) => {
      const { image, source } = await portraitOf(picture, size, spoil, seed);
      return { path, sha256: null, scores: { quality: faceQuality(image, source).quality } };
    };
    const original = await candidateOf('z'); // of equal ones the other would be taken
    for (const [name, spoil] of Object.entries(spoilers)) {
      const [choice] = selectTop([original, await candidateOf('a', spoil)], selection);
      if (choice!.place === 0) wins.set(name, wins.get(name)! + 1);
    }
  }
  return new Map([...wins].map(([name, won]) => [name, won / count]));
}
