import { startEngine } from '@pggan/engine';
import {
  disposeTrainingState,
  formatTick,
  generateImages,
  loadGenerator,
  parseTrainingOptions,
  saveCheckpoint,
  seededLatents,
  train,
  type ImageReader,
} from '../src/index.js';

/** Real images may come from anywhere; here, gray squares of random brightness. */
class Squares implements ImageReader {
  readonly resolution = 8;
  readonly channels = 1;
  readonly count = 1000;
  private shown = 0;

  async next(level: number, minibatch: number): Promise<Uint8Array> {
    const pixels = 4 ** level;
    const bytes = new Uint8Array(minibatch * pixels);
    for (let i = 0; i < minibatch; i++) {
      bytes.fill((this.shown++ * 97) % 256, i * pixels, (i + 1) * pixels);
    }
    return bytes;
  }
  state = () => this.shown;
  restore = (state: unknown) => void (this.shown = state as number);
}

export default async function example(path: string) {
  await startEngine();
  const options = parseTrainingOptions({
    network: { resolution: 8, numChannels: 1, fmapBase: 64, fmapMax: 8 },
    schedule: { lodTrainingKimg: 0.032, lodTransitionKimg: 0.032 },
    totalKimg: 0.128,
  });
  const { state } = await train({
    options,
    reader: new Squares(),
    onTick: (report) => console.log(formatTick(report)),
  });
  await saveCheckpoint(path, state);
  disposeTrainingState(state);

  const { weights, config, lod } = await loadGenerator(path);
  const latents = seededLatents(1, 4, config.latentSize);
  return generateImages(weights, config, latents, lod); // { data, count: 4, width: 8, height: 8, channels: 1 }
}
