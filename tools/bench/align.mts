/**
 * The fast mode of the alignment against the reference mode, on the photographs of PGGAN_TEST_DATA with the points of
 * their faces-index.csv:
 *
 *     node --import tsx --conditions=@pggan/source tools/bench/align.mts [pictures] [sizes] [quad] [rounds]
 *     … align.mts 60 64,128,256,512,1024 celeba-hq 3
 *
 * Half of the pictures, as far as there are, are not of the many small portraits. Printed by size: PSNR of the fast
 * result to the reference's (mean, median, worst and where), and milliseconds of processor time per picture of both,
 * taken in turns, the best of `rounds` each. Decoding is not in it. Exit code 1 when a picture is not above 40 dB.
 */
import { join } from 'node:path';
import { alignFace, DatasetError, rgbImage, type AlignOptions, type RgbImage } from '@pggan/dataset';
import sharp from 'sharp';
import { machine, median, psnr } from './measure.mjs';
import { choosePhotographs, data, type Photograph } from './photographs.mjs';

const limit = 40;
const count = Number(process.argv[2] ?? 60);
const sizes = (process.argv[3] ?? '64,128,256,512,1024').split(',').map(Number);
const quad = (process.argv[4] ?? 'celeba-hq') as 'celeba-hq' | 'ffhq';
const rounds = Number(process.argv[5] ?? 1);

async function decode(file: string): Promise<RgbImage> {
  const { data: pixels, info } = await sharp(join(data, file))
    .rotate()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return rgbImage(info.width, info.height, new Uint8Array(pixels));
}

/** Milliseconds of the processor, which neighbours on the machine disturb less than the clock. */
function timed<T>(work: () => T): { readonly result: T; readonly ms: number } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: (user + system) / 1000 };
}

interface Measured {
  readonly file: string;
  readonly padded: boolean;
  readonly decibels: number;
  readonly reference: number; // milliseconds
  readonly fast: number;
}

function measure(image: RgbImage, { file, points }: Photograph, outputSize: number): Measured {
  const align = (mode: AlignOptions['mode']) =>
    timed(() => alignFace(image, points, { outputSize, quad, mode }));
  let best: Measured | undefined;
  for (let round = 0; round < rounds; round++) {
    const slow = align('reference');
    const fast = align('fast');
    best = {
      file,
      padded: slow.result.stages.pad.padding.some((side) => side > 0),
      decibels: best?.decibels ?? psnr(slow.result.image.data, fast.result.image.data),
      reference: Math.min(slow.ms, best?.reference ?? Infinity),
      fast: Math.min(fast.ms, best?.fast ?? Infinity),
    };
  }
  return best!;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

const portraits = choosePhotographs(count);
console.log(machine());
console.log(`${portraits.length} photographs, quad ${quad}, best of ${rounds} each`);
for (const outputSize of sizes) {
  const measured: Measured[] = [];
  for (const portrait of portraits) {
    const image = await decode(portrait.file);
    try {
      // The first one is there to warm the compiler up.
      if (measured.length === 0) for (let i = 0; i < 3; i++) measure(image, portrait, outputSize);
      measured.push(measure(image, portrait, outputSize));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      console.log(`  ${portrait.file}: ${error.message}`);
    }
  }
  measured.sort((a, b) => a.decibels - b.decibels);
  const worst = measured[0]!;
  const padded = measured.filter((one) => one.padded);
  const decibels = measured.map((one) => one.decibels);
  const [slow, fast] = [mean(measured.map((one) => one.reference)), mean(measured.map((one) => one.fast))];
  console.log(
    `${String(outputSize).padStart(5)}: PSNR mean ${mean(decibels).toFixed(1)} dB, median ${median(decibels).toFixed(1)}, ` +
      `worst ${worst.decibels.toFixed(1)} (${worst.file}); reference ${slow.toFixed(1)} ms, fast ${fast.toFixed(1)} ms ` +
      `(${mean(padded.map((one) => one.fast)).toFixed(1)} for the ${padded.length} padded), ${(slow / fast).toFixed(1)}x`,
  );
  if (worst.decibels <= limit) process.exitCode = 1;
}
