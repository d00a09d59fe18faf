import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { MetricsError } from '@pggan/metrics';
import {
  evaluateClassifier,
  hashLabelled,
  holdOut,
  saveClassifier,
  trainClassifier,
  type Classifier,
} from '@pggan/metrics/classifier';
import { createProgress, ExitCode, onInterrupt } from '@pggan/terminal';
import { z } from 'zod';
import { openEngine } from '../engine.js';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { engineFlags, engineOptionShape } from '../options/engine.js';
import { parseOptions } from '../options/parse.js';
import { numberOption, textOption } from '../options/values.js';
import { shorten } from '../paths.js';
import { notWritable, requireWritable } from '../run/folder.js';
import { readLabelled, type LabelledDataset } from './labelled.js';

const schema = z.strictObject({
  ...engineOptionShape,
  data: textOption,
  test: textOption.optional(),
  out: textOption,
  epochs: numberOption({ integer: true, from: 1, to: 1000 }),
  minibatch: numberOption({ integer: true, from: 1, to: 65536 }),
  seed: numberOption({ integer: true, from: 0, to: 2 ** 32 - 1 }),
  json: z.boolean().default(false),
});

type ClassifierCommandOptions = z.output<typeof schema>;

/** One in so many images is kept back where no others are given to test with. */
const heldShare = 10;

/** `pggan classifier`: what tells the digits of stacked images, so that their modes can be counted. */
export function classifierCommand(io: Io, finish: (code: number) => void) {
  return new Command('classifier')
    .summary('train what counts the modes of stacked MNIST')
    .description(
      'Trains a small network that tells the class of gray images, such as the digits of MNIST, and writes it as an ONNX ' +
        'model with the manifest of a feature extractor: it classifies every channel of stacked images, so that their ' +
        'modes can be counted. The dataset needs labels, one class an image.',
    )
    .requiredOption('--data <dir>', 'dataset to train on')
    .option('--test <dir>', 'dataset to test with (default: a tenth of --data, kept back from training)')
    .option('--out <dir>', 'folder of classifier.onnx and classifier.json', 'data/classifier')
    .option('--epochs <n>', 'times that every image is shown', '6')
    .option('--minibatch <n>', 'images of a step', '64')
    .option('--seed <n>', 'of weights, order, shifts and what is kept back', '0')
    .option(...engineFlags.backend)
    .option(...engineFlags.threads)
    .option(...engineFlags.libtensorflow)
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', examples)
    .action(async (raw) => {
      const options = parseOptions(schema, raw);
      const out = resolve(options.out);
      const [train, test] = await readParts(options);
      await requireWritable(out, '--out');
      const { backend, tensorflowVersion } = await openEngine(options, io);
      const trained = await withInterrupt(options, train, test, io);
      if (trained === null) {
        io.stderr.write('stopped; nothing was written\n');
        finish(ExitCode.interrupted);
        return;
      }
      const { classifier, accuracy } = trained;
      const saved = await saveClassifier(out, classifier, {
        dataset: train.name,
        images: train.images.classes.length,
        sha256: hashLabelled(train.images),
        engine: [backend, tensorflowVersion].filter((part) => part !== undefined).join(' '),
        test: { dataset: test.name, sha256: hashLabelled(test.images), ...accuracy },
      }).catch((error: unknown) => {
        throw notWritable(out, error, '--out');
      });
      if (options.json) {
        const { settings, shape } = classifier;
        const result = {
          ...saved,
          ...shape,
          settings,
          train: { dataset: train.name, images: train.images.classes.length },
          test: { dataset: test.name, ...accuracy },
        };
        io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      }
      const percent = (100 * accuracy.accuracy).toFixed(2);
      io.stderr.write(
        `${accuracy.right} of ${accuracy.images} images of ${test.name} right (${percent} %)\n` +
          `${shorten(saved.manifest)}\n`,
      );
    });
}

async function readParts({ data, test, seed }: ClassifierCommandOptions) {
  const train = await readLabelled(data);
  if (test !== undefined) return [train, await readTest(test, train)] as const;
  const held = Math.floor(train.images.classes.length / heldShare);
  if (held === 0)
    throw new CliError(
      'dataset-mismatch',
      `${data}: expected at least ${heldShare} images, got ${train.images.classes.length}`,
    );
  const [rest, kept] = holdOut(train.images, held, seed);
  return [
    { name: train.name, images: rest },
    { name: `${train.name} (kept back)`, images: kept },
  ] as const;
}

async function readTest(path: string, train: LabelledDataset): Promise<LabelledDataset> {
  const test = await readLabelled(path);
  const described = ({ images: { width, height, classCount } }: LabelledDataset) =>
    `${width}x${height} and ${classCount} classes`;
  if (described(test) !== described(train))
    throw new CliError(
      'dataset-mismatch',
      `${path}: expected ${described(train)} as in the dataset to train on, got ${described(test)}`,
    );
  if (hashLabelled(test.images) === hashLabelled(train.images))
    throw new CliError('dataset-mismatch', `${path}: expected other images than those to train on`);
  return test;
}

/** Trains and tests; null when stopped by Ctrl-C. */
async function withInterrupt(
  options: ClassifierCommandOptions,
  train: LabelledDataset,
  test: LabelledDataset,
  io: Io,
) {
  const { epochs, minibatch, seed } = options;
  const progress = createProgress({ title: 'classifier', unit: 'images', stream: io.stderr });
  const interrupt = onInterrupt((line) => progress.log(line));
  const { signal } = interrupt;
  try {
    const classifier: Classifier = await trainClassifier(train.images, {
      epochs,
      minibatch,
      seed,
      signal,
      onProgress: ({ done, total, loss }) => progress.update(done, total, `loss ${loss.toFixed(3)}`),
    });
    return { classifier, accuracy: await evaluateClassifier(classifier, test.images, { signal }) };
  } catch (error) {
    if (error instanceof MetricsError && error.code === 'interrupted') return null;
    throw error;
  } finally {
    interrupt.dispose();
    progress.stop();
  }
}

const examples = `
Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C, nothing written

Examples:
  prep build-dataset --source mnist --out data/datasets/mnist                      the 60,000 digits to train on
  prep build-dataset --source mnist --split test --out data/datasets/mnist-test    the 10,000 to test with
  pggan classifier --data data/datasets/mnist --test data/datasets/mnist-test
  pggan classifier --data data/datasets/letters --out data/letters --epochs 10 --json
`;
