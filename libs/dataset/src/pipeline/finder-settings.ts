/** How faces were found, as the settings of a dataset say it: equal texts, equal faces. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import type { DetectorOptions } from '../faces/detector.js';
import { sha256Of } from '../sha256.js';

/** Pinned exactly. */
const { dependencies } = createRequire(import.meta.url)('../../package.json') as {
  dependencies: Record<string, string>;
};
const mediapipeVersion = dependencies['@mediapipe/tasks-vision'];

export function isOnnx(modelPath: string): boolean {
  return /\.onnx$/i.test(modelPath);
}

export interface FinderSettings {
  readonly finder: string;
  /** Of detectors that tell a confidence: faces of less were left out. A higher limit only leaves out more. */
  readonly leastConfidence?: number | undefined;
}

/** @throws DatasetError those of an ONNX model */
export async function detectorSettings(options: DetectorOptions): Promise<FinderSettings> {
  const { modelPath, minConfidence, search, maxSide } = options;
  const pictures = `pictures by sharp ${sharp.versions.sharp}, vips ${sharp.versions.vips}`;
  if (isOnnx(modelPath)) {
    const { onnxDetectorHash } = await import('../faces/onnx-detector.js');
    const finder = `ONNX model ${await onnxDetectorHash(modelPath)}, ${pictures}`;
    return { finder, leastConfidence: minConfidence };
  }
  const sha256 = sha256Of(await readFile(modelPath));
  const limits = `search ${search}, confidence ${minConfidence}, at most ${maxSide} pixels a side`;
  return {
    finder: `model ${sha256}, MediaPipe ${mediapipeVersion}, lying faces turned, ${limits}, ${pictures}`,
  };
}
