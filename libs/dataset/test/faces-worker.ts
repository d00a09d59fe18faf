/** A plain worker thread that looks for faces; the test checks what it answers, prints and asks the network for. */
import { parentPort, workerData } from 'node:worker_threads';
import { LandmarkDetector } from '../src/faces/index.js';

const { modelPath, rgba, width, height } = workerData as {
  modelPath: string;
  rgba: Uint8ClampedArray;
  width: number;
  height: number;
};
const requests: string[] = [];
globalThis.fetch = (input) => {
  requests.push(String(input));
  return Promise.reject(new Error('refused by the test'));
};
const globals = new Set(Object.getOwnPropertyNames(globalThis));
const detector = await LandmarkDetector.create({ modelPath });
const faces = detector.detect(rgba, width, height);
detector.close();
parentPort!.postMessage({
  points: faces.map((face) => [...face.points]),
  requests,
  newGlobals: Object.getOwnPropertyNames(globalThis).filter((name) => !globals.has(name)),
});
