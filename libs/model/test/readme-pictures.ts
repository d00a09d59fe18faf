import { startEngine } from '@pggan/engine';
import { generateImages, loadGenerator, seededLatents } from '../src/index.js';

export default async function pictures(file: string) {
  await startEngine();
  const { weights, config, lod } = await loadGenerator(file);
  return generateImages(weights, config, seededLatents(1, 4, config.latentSize), lod);
}
