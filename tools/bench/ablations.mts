/**
 * Do the paper's presets train without divergence? Trains each for 2,000 images at 32x32 on made pictures:
 * `node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/ablations.mts
 * [backend] [preset[+switch…] …]`; without presets, all of them and every switch. Lengths shrink so that growing ones pass every
 * resolution, and so do the maps (an eighth of the preset's, at most 32); everything else is the
 * preset's. A run fails when a value or an update is not finite, or when pictures of Gs are one
 * flat colour at the end. Ends with 1 when any failed.
 */
import { startEngine, type BackendName } from '@pggan/engine';
import {
  disposeTrainingState,
  networkConfigSchema,
  paperPresets,
  parseTrainingOptions,
  scheduleAt,
  switches,
  train,
  withSwitches,
  type ImageReader,
  type PaperPresetName,
  type Preset,
  type SwitchName,
  type TrainingOptions,
} from '@pggan/model';
import { machine } from './measure.mjs';

const side = 32;
const kimg = 2;
const [backend = 'tensorflow', ...wanted] = process.argv.slice(2);
const everything = [...Object.keys(paperPresets), ...Object.keys(switches).map((name) => `v2-1gpu+${name}`)];

/** `table1-g+lsgan`: a preset and what is switched on top of it. */
function find(text: string): Preset {
  const [name = '', ...added] = text.split('+');
  if (!Object.hasOwn(paperPresets, name) || !added.every((part) => Object.hasOwn(switches, part))) {
    throw new Error(`no preset ${text}; there are ${everything.join(', ')}`);
  }
  return withSwitches(paperPresets[name as PaperPresetName], added as SwitchName[]);
}

/** Discs of two colours on a gradient, a thousand of them, no two alike. */
class Discs implements ImageReader {
  readonly resolution = side;
  readonly channels = 3;
  readonly count = 1000;
  #cursor = 0;

  async next(level: number, minibatch: number): Promise<Uint8Array> {
    const size = 2 ** level;
    const bytes = new Uint8Array(minibatch * 3 * size * size);
    for (let n = 0, at = 0; n < minibatch; n++) {
      const image = (this.#cursor++ * 617) % this.count;
      const [u, v, radius] = [(image % 10) / 10, (Math.floor(image / 10) % 10) / 10, 0.15 + image / 5000];
      for (let c = 0; c < 3; c++) {
        for (let p = 0; p < size * size; p++) {
          const [x, y] = [((p % size) + 0.5) / size, (Math.floor(p / size) + 0.5) / size];
          const inside = Math.hypot(x - 0.25 - u / 2, y - 0.25 - v / 2) < radius;
          bytes[at++] = inside ? 255 - ((image * 37 + c * 60) % 120) : 20 + 80 * y + 20 * c;
        }
      }
    }
    return bytes;
  }
  state = (): unknown => this.#cursor;
  restore = (state: unknown): void => void (this.#cursor = state as number);
}

/** The preset on a small scale. */
function shrink({ network, training, totalKimg }: Preset): TrainingOptions {
  const full = networkConfigSchema.parse({ ...network, resolution: side });
  const grows = training.schedule?.lodTrainingKimg !== 0;
  const small = full.architecture === 'small';
  const phase = grows ? 0.25 : 0;
  const smallest = full.latentSize > 32 ? 32 : full.latentSize;
  const { rampupKimg = 0, ...schedule } = training.schedule ?? {};
  return parseTrainingOptions({
    ...training,
    network: {
      ...network,
      resolution: side,
      ...(small ? {} : { fmapBase: full.fmapBase / 8, fmapMax: 32, latentSize: smallest }),
    },
    schedule: {
      ...schedule,
      // Thousands of images become hundreds; large minibatches would leave too few steps.
      minibatchBase: Math.min(schedule.minibatchBase ?? 16, 16),
      minibatchDict: {},
      rampupKimg: (rampupKimg * kimg) / totalKimg,
      devices: 1,
      lodTrainingKimg: phase,
      lodTransitionKimg: phase,
      tickKimgBase: 0.25,
      tickKimgDict: {},
    },
    totalKimg: kimg,
    minibatchRepeats: 1,
    snapshotGrid: { columns: 4, rows: 4 },
  });
}

/** What went wrong in a run, or null. */
async function fails(options: TrainingOptions): Promise<string | null> {
  const problems = new Set<string>();
  let contrast = 0;
  const { state } = await train({
    options,
    reader: new Discs(),
    onTick: ({ kimg: at, statistics }) => {
      for (const [name, value] of Object.entries(statistics)) {
        if (value === null) problems.add(`${name} is not finite at ${at} kimg`);
        if (name.endsWith('overflow_frequency') && value) problems.add(`updates skipped at ${at} kimg`);
      }
    },
    onImages: ({ kind, grid: { data } }) => {
      if (kind === 'fakes') contrast = Math.max(...data) - Math.min(...data);
    },
  });
  const { resolution } = scheduleAt(options.schedule, options.network, state.progress.nimg - 1);
  disposeTrainingState(state);
  if (resolution !== side) problems.add(`ended at ${resolution} px`);
  if (contrast < 8) problems.add(`pictures hold ${contrast + 1} values of 256`);
  return problems.size > 0 ? [...problems].join('; ') : null;
}

const info = await startEngine({ backend: backend as BackendName });
console.log(`${info.reason}; ${machine()}`);
for (const name of wanted.length > 0 ? wanted : everything) {
  const problem = await fails(shrink(find(name)));
  console.log(`${name.padEnd(22)} ${problem ?? 'trained without divergence'}`);
  if (problem !== null) process.exitCode = 1;
}
