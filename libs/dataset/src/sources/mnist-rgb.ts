/** The 1000-modes set: three random digits of MNIST as the red, green and blue of a picture (facts 7.3). */
import { RandomState } from '@pggan/random';
import { DatasetError } from '../errors.js';
import { openIdx } from '../formats/idx.js';
import { findMnist } from './mnist-files.js';
import type { Source, SourceKind, SourceRequest } from './source.js';

/** The drawn digits take 12 bytes for each picture. */
const mostStacks = 100_000_000;

/** Digits of all pictures: red, green, blue of the first, of the second, … */
function drawStacks(stacks: number, seed: number, digits: number): Int32Array {
  const random = new RandomState(seed);
  return Int32Array.from({ length: 3 * stacks }, () => random.randint(digits));
}

async function open({ path, split, stacks, stackSeed }: SourceRequest): Promise<Source> {
  if (stacks > mostStacks)
    throw new DatasetError('option-invalid', `stacks: expected at most ${mostStacks}, got ${stacks}`);
  const files = await findMnist(path, split);
  // In memory: every digit is read some fifty times, in no order.
  const images = await openIdx(files.images, 3, { resident: true });
  const [digits, height, width] = images.shape as [number, number, number];
  if (digits === 0) throw new DatasetError('source-empty', `${files.images}: holds no pictures`);
  const drawn = drawStacks(stacks, stackSeed, digits);
  return {
    count: stacks,
    others: 0,
    split: files.part,
    path: (i) => `stacks/${String(i).padStart(7, '0')}`,
    async read(i) {
      const data = new Uint8Array(3 * height * width);
      for (let channel = 0; channel < 3; channel++)
        data.set(await images.item(drawn[3 * i + channel]!), channel * height * width);
      return { kind: 'pixels', channels: 3, height, width, data };
    },
    labels: null,
    landmarks: null,
    close: () => images.close(),
  };
}

export const mnistRgb: SourceKind = {
  kind: 'mnist-rgb',
  summary: 'random triples of MNIST digits as red, green and blue: 1000 modes',
  // The files are MNIST's, which is what they are taken for; this has to be asked for.
  recognises: async () => false,
  open,
  defaults: {
    align: 'none',
    fit: 'center',
    size: { width: 32, height: 32 },
    channels: 3,
    background: [0, 0, 0],
    shuffle: false,
    duplicates: 'keep',
    labels: 'none',
    minSharpness: 0,
    mirror: false,
  },
};
