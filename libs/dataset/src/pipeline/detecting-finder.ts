/** Faces found by a landmark detector, which is created with the first picture that needs it. */
import { DatasetError } from '../errors.js';
import { LandmarkDetector, type DetectorOptions } from '../faces/detector.js';
import type { RgbImage } from '../faces/image.js';
import type { FaceLandmarks } from '../faces/landmarks.js';
import { OnnxDetector } from '../faces/onnx-detector.js';
import { isOnnx } from './finder-settings.js';
import type { FaceFinder } from './stage.js';

function withAlpha(image: RgbImage): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(image.width * image.height * 4).fill(255);
  for (let from = 0, to = 0; from < image.data.length; from += 3, to += 4) {
    rgba[to] = image.data[from]!;
    rgba[to + 1] = image.data[from + 1]!;
    rgba[to + 2] = image.data[from + 2]!;
  }
  return rgba;
}

interface Detector {
  /** Largest first. */
  detect(image: RgbImage): readonly FaceLandmarks[] | Promise<readonly FaceLandmarks[]>;
  close(): void | Promise<void>;
}

/** ONNX models by their names, MediaPipe's otherwise. */
async function openDetector(options: DetectorOptions): Promise<Detector> {
  if (isOnnx(options.modelPath)) return OnnxDetector.open(options.modelPath, options);
  const detector = await LandmarkDetector.create(options);
  return {
    detect: (image) => detector.detect(withAlpha(image), image.width, image.height),
    close: () => detector.close(),
  };
}

/**
 * All faces, the one with the eyes farthest apart first. A model that does not load is an error of the job; a picture on
 * which the detector fails is dropped, and the next one gets a new detector.
 * @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing`, `detector-failed`
 */
export function detectingFinder(options: DetectorOptions): FaceFinder {
  let detector: Promise<Detector> | undefined;
  return async (image) => {
    const ready = await (detector ??= openDetector(options));
    try {
      const found = await ready.detect(image);
      return found.map((landmarks, face) => ({ ...landmarks, face }));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      await ready.close();
      detector = undefined;
      throw new Error(error.message, { cause: error });
    }
  };
}
