/** A worker thread that looks for faces in the files it is given, one list of points for each. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { LandmarkDetector } from '../src/faces/index.js';

const { modelPath, files, first, step } = workerData as {
  modelPath: string;
  files: readonly string[];
  first: number;
  step: number;
};

// The other thread needs the other core.
sharp.concurrency(1);
// As the Python package does it.
const detector = await LandmarkDetector.create({ modelPath, search: 'whole', turnLying: false });
for (let i = first; i < files.length; i += step) {
  // Without colour management: the reference list was made without it, and it moves an eye by 1.3 px in one picture.
  const { data, info } = await sharp(readFileSync(files[i]!), { ignoreIcc: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const faces = detector.detect(new Uint8ClampedArray(data), info.width, info.height);
  parentPort!.postMessage({ index: i, faces: faces.map(({ points }) => [...points]) });
}
detector.close();
