/** `prep build-dataset`: parse, run with a progress bar, report. */
import { Command } from '@commander-js/extra-typings';
import { buildDataset, resolveFaceModel, type BuildOptions, type BuildProgress } from '@pggan/dataset';
import { createProgress, onInterrupt, type Progress } from '@pggan/terminal';
import { parseBuildOptions, sampleSource, withSampleHint } from './options.js';
import { formatSummary } from './report.js';

const help = `
Pictures are decoded to upright 8-bit RGB, faces are cut out and turned upright as for CelebA-HQ, and written
at every size from the resolution down to 4x4 as TFRecord files that the official Progressive GAN reads.
DIR may be any folder of pictures; with list_landmarks_celeba.txt in it the faces are taken from there.

A stopped build continues when the same command is given again. The folder of the dataset appears when it is
complete: *.tfrecords, index.json, manifest.jsonl (what became of every picture and why), sheet.png.

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 stopped by Ctrl-C.

Examples:
  prep build-dataset                                     the embedded sample to data/datasets/sample
  prep build-dataset --source photos --resolution 128    faces found in your own photographs
  prep build-dataset --source landscapes --align none    whole pictures, cropped to their middle
  prep build-dataset --labels Smiling,Eyeglasses         with two of the attributes as labels`;

export interface Streams {
  readonly stdout: NodeJS.WriteStream; // data
  readonly stderr: NodeJS.WriteStream; // text for people
}

const titles = { pictures: 'align', records: 'write' } as const;

/** One bar per step. */
function progressView(stream: NodeJS.WriteStream) {
  let current: { step: BuildProgress['step']; bar: Progress } | undefined;
  const close = () => {
    current?.bar.stop();
    current = undefined;
  };
  return {
    close,
    show({ step, done, total, kept }: BuildProgress) {
      if (current?.step !== step) {
        close();
        const unit = step === 'pictures' ? 'pictures' : 'images';
        current = { step, bar: createProgress({ title: titles[step], unit, stream }) };
      }
      current!.bar.update(done, total, step === 'pictures' ? `${kept} kept` : '');
    },
    log(line: string) {
      if (current) current.bar.log(line);
      else stream.write(`${line}\n`);
    },
  };
}

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

async function run(options: BuildOptions, json: boolean, { stdout, stderr }: Streams): Promise<void> {
  const started = performance.now();
  const view = progressView(stderr);
  const interrupt = onInterrupt((line) => view.log(line));
  try {
    const summary = await buildDataset(options, {
      signal: interrupt.signal,
      onProgress: (progress) => view.show(progress),
      faceModel: () => findFaceModel(options, stderr),
    });
    view.close();
    const seconds = (performance.now() - started) / 1000;
    stderr.write(`${formatSummary(summary, seconds)}\n`);
    if (json) stdout.write(`${JSON.stringify({ ...summary, seconds: Number(seconds.toFixed(1)) })}\n`);
  } catch (error) {
    throw withSampleHint(error, options);
  } finally {
    view.close();
    interrupt.dispose();
  }
}

export function buildDatasetCommand(streams: Streams) {
  return new Command('build-dataset')
    .summary('pictures to an aligned multi-resolution dataset')
    .description('Turn a folder of pictures into an aligned multi-resolution dataset.')
    .option('--source <dir>', 'folder of pictures, searched with its subfolders', sampleSource)
    .option('--out <dir>', 'folder of the dataset (default: data/datasets/ and the name of the source)')
    .option('--name <name>', 'prefix of the files (default: last part of --out)')
    .option('--resolution <pixels>', 'side of the largest images, a power of two, 4 to 1024', '64')
    .option('--align <how>', 'face: cut out the largest face; none: crop the middle', 'face')
    .option('--landmarks <from>', 'auto: the annotation if there is one; annotation; detect', 'auto')
    .option(
      '--face-model <file>',
      'face_landmarker.task (default: PGGAN_FACE_MODEL, the cache, or a download)',
    )
    .option('--min-face <pixels>', 'least distance between the eyes in the source', '12')
    .option('--max-pad <share>', 'largest share of the portrait outside the picture, 0 to 1', '0.25')
    .option('--min-sharpness <number>', 'least sharpness; blurred is 2 to 4, sharp 8 and more; 0: any', '6')
    .option('--enlarge-limit <factor>', 'largest enlargement of a face', '4')
    .option('--max-pixels <count>', 'pictures with more are not decoded', '100000000')
    .option(
      '--labels <names>',
      'attr: all of list_attr_celeba.txt; or some of its columns, by comma; none',
      'none',
    )
    .option('--no-shuffle', 'keep the order of the paths')
    .option('--seed <number>', 'of the shuffled order', '123')
    .option('--max-images <count>', 'stop when so many are kept, in order of the paths')
    .option('--workers <count>', 'pictures at a time (default: one per core)')
    .option('--keep-work', 'keep the aligned pictures in <out>.work, for another build with other limits')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', help)
    .action(async ({ json, ...line }) => run(parseBuildOptions(line), json ?? false, streams));
}
