/**
 * The classifier that counts modes: trained on all of MNIST with several seeds, how right it is about the test digits and
 * how long that took; then the modes and KL of real stacked digits, 10 x 25,600 random triples of the test digits, as the
 * classifier of the first seed sees them and as their labels say.
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source apps/prep/src/main.ts build-dataset \
 *         --source MNIST --out data/datasets/mnist              and with --split test --out data/datasets/mnist-test
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/classifier.mts \
 *         [data/datasets/mnist] [data/datasets/mnist-test] [seeds]
 *
 * Seconds are those of the training alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, tf } from '@pggan/engine';
import { countModes, ModeCounter, openExtractor, type ImageBatch, type ModeCount } from '@pggan/metrics';
import {
  evaluateClassifier,
  hashLabelled,
  saveClassifier,
  trainClassifier,
  type LabelledImages,
} from '@pggan/metrics/classifier';
import { RandomState } from '@pggan/random';
import { readLabelled } from '../../apps/cli/src/classifier/labelled.js';
import { stackImages } from '../../libs/metrics/test/classifier/stacked.js';
import { machine } from './measure.mjs';

const [trainFolder = 'data/datasets/mnist', testFolder = 'data/datasets/mnist-test', seeds = '3'] =
  process.argv.slice(2);
const [images, repeats] = [25_600, 10];
const folder = await mkdtemp(join(tmpdir(), 'pggan-classifier-'));
try {
  console.log(machine());
  const { reason, backend } = await startEngine();
  console.log(reason);
  const train = await readLabelled(trainFolder);
  const test = await readLabelled(testFolder);
  let manifest: string | undefined;
  for (let seed = 0; seed < Number(seeds); seed++) {
    const start = performance.now();
    const classifier = await trainClassifier(train.images, { seed });
    const seconds = (performance.now() - start) / 1000;
    const accuracy = await evaluateClassifier(classifier, test.images);
    console.log(
      `seed ${seed}  ${accuracy.right} of ${accuracy.images} right, ${(100 * accuracy.accuracy).toFixed(2)} %, ${seconds.toFixed(0)} s`,
    );
    manifest ??= (
      await saveClassifier(folder, classifier, {
        dataset: train.name,
        images: train.images.classes.length,
        sha256: hashLabelled(train.images),
        engine: backend,
        test: { dataset: test.name, sha256: hashLabelled(test.images), ...accuracy },
      })
    ).manifest;
    tf.dispose(classifier.weights);
  }
  const byLabels: ModeCount[] = [];
  const extractor = await openExtractor(manifest!, { threads: 2 });
  const start = performance.now();
  const { modes, divergence } = await countModes(stacks(test.images, byLabels), extractor, {
    images,
    repeats,
  });
  const seconds = (performance.now() - start) / 1000;
  await extractor.close();
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  console.log(`${repeats} x ${images} stacked test digits, ${seconds.toFixed(0)} s`);
  console.log(
    `  classifier  modes ${modes.mean.toFixed(1)} ± ${modes.deviation.toFixed(1)}, ` +
      `KL ${divergence.mean.toFixed(5)} ± ${divergence.deviation.toFixed(5)}`,
  );
  console.log(
    `  labels      modes ${mean(byLabels.map((one) => one.modes)).toFixed(1)}, ` +
      `KL ${mean(byLabels.map((one) => one.divergence)).toFixed(5)}`,
  );
} finally {
  await rm(folder, { recursive: true });
}

/** Random triples, a repeat after the other; what their labels say goes to `counts`. */
function* stacks(digits: LabelledImages, counts: ModeCount[]): Generator<ImageBatch> {
  const random = new RandomState(0);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { batches, modes } = stackImages(digits, images, random);
    const counter = new ModeCounter({ classes: 10, channels: 3 });
    counter.add(modes.flatMap((mode) => [mode % 10, Math.floor(mode / 10) % 10, Math.floor(mode / 100)]));
    counts.push(counter.count());
    yield* batches;
  }
}
