/** `prep build-dataset`: parse, run with a progress bar, report. */
import { Command } from '@commander-js/extra-typings';
import {
  buildDataset,
  resolveFaceModel,
  scoreInfos,
  scoreNames,
  sourceKinds,
  type BuildOptions,
} from '@pggan/dataset';
import { createProgress, type Progress } from '@pggan/terminal';
import { checkEffect, parseBuildOptions, sampleSource, withSampleHint } from './build-options.js';
import { formatSummary } from './build-report.js';
import { writeJson, type Io } from './io.js';
import { withSteps } from './steps.js';

const kinds = sourceKinds.map(({ kind, summary }) => `  ${kind.padEnd(15)} ${summary}`).join('\n');

const scores = scoreNames.map((name) => `  ${name.padEnd(15)} ${scoreInfos[name].about}`).join('\n');

const help = `
Faces, each one an image, are cut out and turned upright as for CelebA-HQ; whole pictures (--align none) come to
size by --fit.
Images are written at every size from the resolution down to 4x4 as TFRecord files that the official
Progressive GAN reads. Sources, recognised by looking (or named with --kind), each with its own defaults:

${kinds}

--align-mode fast: a PSNR of over 40 dB from the reference on every photograph tested, in a fraction of its time.
--quad ffhq: FFHQ's portrait, half a pixel up and left of CelebA-HQ's, and small faces are enlarged in one step.
--fit: crop the middle, Lanczos to size; pad to shape with the background, Lanczos; letterbox: Lanczos to the
inside, background around; stretch; center: unscaled on the background; exact: other sizes are dropped.
--labels: own (those of the set), some of its columns by comma, folders (the name of the folder is the class),
or a .csv or .json file with a label for each path; none.

Scores, for --min, --max and --top-by (--min spectrum=-20,jpegQuality=50 --max yaw=35); of angles the size counts, a
picture without a score is kept:

${scores}

--top-by spectrum=2,sharpness: every image gets the share of the others that it beats in a score, 0 to 1, for each score
(equal ones share the middle of their places; without the score 0.5); these shares, times the weights, are added, and
the largest sums are the best. A negative weight turns a score around; of noise, angles and the like less is better.

Limits and choice need no new alignment over an older dataset, but for images that it does not have. A higher
--min-confidence needs no new detection with an .onnx detector; MediaPipe tells no confidence and looks again.

A stopped build continues when the same command is given again; over an older dataset only what has changed is
done again. A dataset of another source in --out is refused, unless --replace is given. The folder of the dataset
appears when it is complete: *.tfrecords, index.json, manifest.jsonl (what became of every face and picture and why),
sheet.png.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep build-dataset                                     the embedded sample to data/datasets/sample
  prep build-dataset --source photos --resolution 128    faces found in your own photographs
  prep build-dataset --source views.zip --align none --resolution 128x96
  prep build-dataset --source mnist                      60000 digits at 32x32, labelled
  prep build-dataset --source mnist --kind mnist-rgb --stacks 50000
  prep build-dataset --source flowers --align none --labels folders --mirror`;

const titles = { pictures: 'prepare', chosen: 'align', records: 'write' } as const;
const units = { prepare: 'pictures', align: 'images', write: 'images' } as const;

/** Every use of an option adds to it. */
const gather = (part: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), part];

async function findFaceModel(options: BuildOptions, stream: NodeJS.WriteStream): Promise<string> {
  let bar: Progress | undefined;
  try {
    return await resolveFaceModel({
      modelPath: options.faceModel,
      onProgress(done, total) {
        bar ??= createProgress({ title: 'face model', unit: 'bytes', stream });
        bar.update(done, total);
      },
    });
  } finally {
    bar?.stop();
  }
}

async function run(options: BuildOptions, given: readonly string[], json: boolean, io: Io): Promise<void> {
  const started = performance.now();
  const summary = await withSteps(io, units, async ({ signal, onProgress }) => {
    await checkEffect(options, given);
    return buildDataset(options, {
      signal,
      onProgress: ({ step, done, total, kept }) =>
        onProgress(titles[step], done, total, step === 'pictures' ? `${kept} kept` : ''),
      faceModel: () => findFaceModel(options, io.stderr),
    });
  }).catch((error: unknown) => {
    throw withSampleHint(error, options);
  });
  const seconds = (performance.now() - started) / 1000;
  io.stderr.write(`${formatSummary(summary, seconds)}\n`);
  if (json) writeJson(io, { ...summary, seconds: Number(seconds.toFixed(1)) });
}

export function buildDatasetCommand(io: Io) {
  return new Command('build-dataset')
    .summary('pictures to a multi-resolution dataset')
    .description('Turn pictures into a multi-resolution dataset.')
    .option('--source <path>', 'folder of pictures, archive, or set', sampleSource)
    .option('--kind <kind>', 'what the source is', 'auto')
    .option('--out <dir>', 'folder of the dataset (default: data/datasets/ and the name of the source)')
    .option('--replace', 'also a dataset in --out that was made from another source')
    .option('--name <name>', 'prefix of the files (default: last part of --out)')
    .option('--resolution <size>', "of the largest images: side, or WIDTHxHEIGHT (default: 64, or the set's)")
    .option('--align <how>', 'face: cut out the faces; none: the whole picture (default: face for pictures)')
    .option('--faces <which>', 'of a picture with several: all, or largest (default: all)')
    .option(
      '--align-mode <how>',
      "reference: the official tool's pixels; fast: those but for a PSNR over 40 dB (default: reference)",
    )
    .option('--quad <kind>', 'how much about the face: celeba-hq or ffhq (default: celeba-hq)')
    .option('--fit <how>', 'whole pictures: crop, pad, letterbox, stretch, center, exact (default: crop)')
    .option('--crop <x,y,side>', 'whole pictures: first cut out the square around x, y')
    .option('--background <r,g,b>', 'around whole pictures (default: 0,0,0)')
    .option('--channels <count>', "3: RGB, 1: grayscale (default: 3, or the set's)")
    .option('--mirror', 'every image a second time, left to right')
    .option(
      '--landmarks <from>',
      'auto: the annotation if there is one; annotation; detect; or a .csv or .json file',
      'auto',
    )
    .option(
      '--face-model <file>',
      'face_landmarker.task or an .onnx detector (default: PGGAN_FACE_MODEL, the cache, or a download)',
    )
    .option('--enhancer <file>', 'ONNX model that enlarges or cleans faces (default: Lanczos)')
    .option('--remove-artefacts', 'faces that need no enlargement go through the enhancer as well')
    .option('--min-confidence <share>', 'faces the detector is less sure of are left out, 0 to 1', '0.5')
    .option(
      '--search <where>',
      'where MediaPipe looks for faces: whole, the picture at once; tiles, its parts too, for small faces; ' +
        'auto, parts if the whole shows no face or only small ones',
      'auto',
    )
    .option('--detect-side <pixels>', 'longer pictures are reduced to look for faces', '4096')
    .option('--min-face <pixels>', 'least distance between the eyes in the source', '12')
    .option('--max-pad <share>', 'largest share of the portrait outside the picture, 0 to 1', '0.25')
    .option(
      '--min-sharpness <number>',
      'least sharpness; blurred is 2 to 4, sharp 8 and more; 0: any (default: 6 for faces)',
    )
    .option('--enlarge-limit <factor>', 'largest enlargement', '4')
    .option('--enlarged <what>', 'beyond that: drop, or mark in the manifest and keep', 'drop')
    .option('--min <score=number>', 'least value of a score; may be repeated', gather)
    .option('--max <score=number>', 'largest value of a score; may be repeated', gather)
    .option('--top <count>', 'keep the best so many, or all (default: 30000 faces, all whole pictures)')
    .option(
      '--top-by <score>',
      'which are best, also several with weights: spectrum=2,sharpness (default: quality)',
      gather,
    )
    .option('--near-duplicates <what>', 'images that show the same: drop all but the best, or keep', 'keep')
    .option('--distance <bits>', 'most bits between hashes of near duplicates, 0 to 32', '8')
    .option('--likeness <number>', 'least correlation of their pixels, -1 to 1', '0.9')
    .option('--max-pixels <count>', 'pictures with more are not decoded', '100000000')
    .option('--duplicates <what>', "pictures of equal bytes: drop or keep (default: drop, or the set's)")
    .option(
      '--labels <from>',
      'own, folders, columns by comma, a .csv or .json file, none (default: none, or own)',
    )
    .option('--shuffle', "in random order (default, or the set's)")
    .option('--no-shuffle', 'keep the order of the source')
    .option('--seed <number>', 'of the shuffled order', '123')
    .option('--notes <file>', 'CSV file with a column of paths; the others (licence, …) go to the manifest')
    .option(
      '--max-images <count>',
      'stop when so many images are within the limits, in the order of the source',
    )
    .option('--shard-images <count>', 'split every level into files of so many images (default: one file)')
    .option('--split <part>', 'of mnist and cifar: train or test', 'train')
    .option('--coarse', 'CIFAR-100: its 20 coarse classes')
    .option('--stacks <count>', 'mnist-rgb: pictures of three digits', '1000000')
    .option('--stack-seed <number>', 'mnist-rgb: of the drawing of the digits', '123')
    .option('--workers <count>', 'pictures at a time (default: one per core)')
    .option('--keep-work', 'keep the finished pictures in <out>.work, for another build with other limits')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(async ({ json, ...line }, command) => {
      const names = command.options.map((option) => option.attributeName());
      const given = names.filter((name) => command.getOptionValueSource(name) === 'cli');
      await run(parseBuildOptions(line), given, json ?? false, io);
    });
}
