import { Command } from '@commander-js/extra-typings';
import { ExitCode } from '@pggan/terminal';
import type { Io } from '../io.js';
import { engineFlags } from '../options/engine.js';
import { parseOptions } from '../options/parse.js';
import { executePlan } from './execute.js';
import { evaluateSchema, metricsHelp } from './options.js';
import { planImages } from './plan-images.js';
import { planModel } from './plan-model.js';
import { planRun } from './plan-run.js';
import { findSubject } from './subject.js';

/** `pggan evaluate`; `finish` takes the exit code of an evaluation that was stopped. */
export function evaluateCommand(io: Io, finish: (code: number) => void) {
  return new Command('evaluate')
    .summary('measure how good the images of a run, a model or a folder are')
    .description(
      'Measures all snapshots of a run, newest first, a model, a folder of pictures or a dataset, against real images. ' +
        'Every number comes with a spread, and a row of real images against other real images says what is as good as it ' +
        'gets. What is measured is kept in metrics.jsonl; the same command goes on where it was stopped.',
    )
    .argument(
      '[what]',
      "a run's folder or number, a model's file, a folder of pictures or of a dataset (default: the newest run)",
    )
    .option('--metrics <list>', `${metricsHelp} (default: swd16k,msssim20k; of folders swd)`)
    .option(
      '--data <dir>',
      'the real images: a dataset or a folder of pictures (default: what the run was trained on)',
    )
    .option('--extractor <file>', 'manifest of the network for fid, kid, is and pr')
    .option(
      '--classifier <file>',
      'manifest of the classifier for modes; pggan classifier makes one of digits',
    )
    .option('--mirror', 'mirror real images at random (default: as the run did)')
    .option('--no-mirror', 'do not mirror them')
    .option('--snapshots <n>', 'only so many of the newest snapshots (default: all)')
    .option('--repeats <n>', 'measure so often, with other latents, and give the mean (default: 1)')
    .option('--seed <n>', 'of latents, patches and directions (default: 0)')
    .option(
      '--out <dir>',
      'folder of metrics.jsonl and the tables (default: the run; of others nothing is written)',
    )
    .option(
      '--cache <dir>',
      'where what is known of the real images is kept (default: in the cache of pggan)',
    )
    .option('--no-cache', 'keep nothing of it')
    .option('--workers <n>', 'threads of the metrics (default: one per core)')
    .option(...engineFlags.backend)
    .option(...engineFlags.threads)
    .option(...engineFlags.libtensorflow)
    .option('--runs <dir>', 'where run folders are (default: runs)')
    .option('--json', 'print a line of JSON for every number as it comes, instead of the table')
    .addHelpText('after', examples)
    .action(async (what, raw) => {
      const options = parseOptions(evaluateSchema, raw);
      const asked = await findSubject(what, options.runs);
      const plan = await {
        run: planRun,
        model: planModel,
        images: planImages,
      }[asked.kind](asked.path, options, io);
      const finished = await executePlan(plan, options, io);
      if (!finished) finish(ExitCode.interrupted);
    });
}

const examples = `
Metrics, and the images of each set when no number is given:
  swd      sliced Wasserstein distance times 1000 by resolution, 16384 (k is 1024: swd16k)
  msssim   MS-SSIM between pairs of images of the set, 20000
  fid      Fréchet distance between features, 50000
  kid      kernel distance between features times 1000, 50000
  is       Inception Score, 50000
  pr       precision and recall by features, 10000
  modes    classes of stacked images that are there, and KL: 25600, ten times

Examples:
  pggan evaluate                                      all snapshots of the newest run, as the official code does
  pggan evaluate 3 --metrics swd1k --snapshots 1      a quick look at the newest snapshot of run 3
  pggan evaluate G.safetensors --data data/datasets/people
  pggan evaluate fakes --data reals --metrics swd     two folders of pictures
`;
