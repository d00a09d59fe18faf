import { availableBackends, startEngine, type BackendName } from '@pggan/engine';
import { expect, it } from 'vitest';
import { disposeWeights, generateImages, seededLatents } from '../src/index.js';
import { inputsOf, kinds, ourPictures, randomGenerator } from './exported.js';
import { maxDifference } from './golden.js';

const names = ['wasm', 'tensorflow'] as const;
const available = await availableBackends();

/** Values and bytes of a seed's pictures on a backend. */
async function pictures(backend: BackendName, input: (typeof kinds)[number][1]) {
  await startEngine({ backend, threads: 2 });
  const generator = randomGenerator(input);
  const { weights, config } = generator;
  const lod = 0.35;
  const tensor = ourPictures(generator, inputsOf(config, 2), lod);
  const labels = new Float32Array(2 * config.labelSize).fill(1);
  const { data } = generateImages(weights, config, seededLatents(1, 2, config.latentSize), lod, { labels });
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  disposeWeights(weights);
  return { values, data };
}

for (const name of names) {
  it.skipIf(!available.includes(name)).each(kinds)(
    `%s: ${name} makes the pictures that plain JavaScript makes`,
    async (_, input) => {
      const [plain, other] = [await pictures('cpu', input), await pictures(name, input)];
      // float32, sums in another order; a byte may round to the other side.
      expect(maxDifference(other.values, plain.values)).toBeLessThan(2e-5);
      expect(maxDifference(other.data, plain.data)).toBeLessThanOrEqual(1);
      expect(new Set(plain.data).size).toBeGreaterThan(20);
    },
  );
}
