import { z } from 'zod';
import { highestBlock, resolutionSchema, type NetworkConfig } from './config.js';

/** A value per resolution, keyed by the side in pixels as text: `{"64": 32}`. */
export const perResolution = <T extends z.ZodNumber>(value: T) =>
  z.record(z.string().regex(/^(4|8|16|32|64|128|256|512|1024)$/, 'expected a side such as "64"'), value);

const minibatch = z.number().int().positive();
const rate = z.number().positive();

/** Official tick lengths in kimg. */
export const officialTickKimg: Readonly<Record<string, number>> = {
  4: 160,
  8: 140,
  16: 120,
  32: 100,
  64: 80,
  128: 60,
  256: 40,
  512: 20,
  1024: 10,
};

/** How training proceeds with the number of images shown (facts section 4). */
export const scheduleSchema = z.strictObject({
  /** Side at which training starts; at or above the final side, nothing grows. */
  lodInitialResolution: resolutionSchema.default(4),
  /** Thousands of images shown at a resolution before the next one fades in. */
  lodTrainingKimg: z.number().min(0).default(600),
  /** Thousands of images over which a new resolution fades in. */
  lodTransitionKimg: z.number().min(0).default(600),
  /** Images per step at resolutions that `minibatchDict` does not name. */
  minibatchBase: minibatch.default(16),
  /** Images per step by resolution. */
  minibatchDict: perResolution(minibatch).default({}),
  /** Devices that share a minibatch; it is rounded down to a multiple. */
  devices: z.number().int().positive().default(1),
  /** Most images per device and step by resolution; a limit of memory. */
  maxMinibatchPerDevice: perResolution(minibatch).default({}),
  /** Learning rate of G, and its exceptions by resolution. */
  GlrateBase: rate.default(0.001),
  GlrateDict: perResolution(rate).default({}),
  /** Learning rate of D, and its exceptions by resolution. */
  DlrateBase: rate.default(0.001),
  DlrateDict: perResolution(rate).default({}),
  /** Thousands of images over which both rates rise from almost nothing at the start of the run; 0 = at once. */
  rampupKimg: z.number().min(0).default(0),
  /** Thousands of images per tick at resolutions that `tickKimgDict` does not name. */
  tickKimgBase: z.number().positive().default(160),
  /** Thousands of images per tick by resolution. */
  tickKimgDict: perResolution(z.number().positive()).default({ ...officialTickKimg }),
});

export type Schedule = Readonly<z.output<typeof scheduleSchema>>;

/** What the schedule says after a number of images. */
export interface SchedulePoint {
  /** Thousands of images shown. */
  readonly kimg: number;
  /** Level of detail: 0 = final resolution, R-2 = 4x4; a fraction means a fade. */
  readonly lod: number;
  /** Active resolution, 2^(R - floor(lod)): a new one counts from the first moment of its fade. */
  readonly resolution: number;
  /** Images per step. */
  readonly minibatch: number;
  readonly GLearningRate: number;
  readonly DLearningRate: number;
  /** Length of a tick in thousands of images. */
  readonly tickKimg: number;
}

/** Settings of one resolution, independent of the position inside its phase. */
function settingsAt(schedule: Schedule, resolution: number) {
  const key = String(resolution);
  const { devices } = schedule;
  let size = schedule.minibatchDict[key] ?? schedule.minibatchBase;
  size -= size % devices;
  const cap = schedule.maxMinibatchPerDevice[key];
  if (cap !== undefined) size = Math.min(size, cap * devices);
  return {
    resolution,
    minibatch: size,
    GLearningRate: schedule.GlrateDict[key] ?? schedule.GlrateBase,
    DLearningRate: schedule.DlrateDict[key] ?? schedule.DlrateBase,
    tickKimg: schedule.tickKimgDict[key] ?? schedule.tickKimgBase,
  };
}

/**
 * The schedule as a pure function (facts section 4): stabilise for T kimg, then for every further
 * resolution fade for F and stabilise for T.
 * @param nimg images shown so far, an integer >= 0
 */
export function scheduleAt(
  schedule: Schedule,
  network: Pick<NetworkConfig, 'resolution'>,
  nimg: number,
): SchedulePoint {
  const top = highestBlock(network);
  const kimg = nimg / 1000;
  const { lodTrainingKimg: training, lodTransitionKimg: transition } = schedule;
  const length = training + transition;
  const phase = length > 0 ? Math.floor(kimg / length) : 0;
  const within = kimg - phase * length;

  let lod = top - Math.floor(Math.log2(schedule.lodInitialResolution)) - phase;
  if (transition > 0) lod -= Math.max(within - training, 0) / transition;
  lod = Math.max(lod, 0);
  const settings = settingsAt(schedule, 2 ** (top - Math.floor(lod)));
  const ramp = rampup(schedule.rampupKimg, kimg);
  return {
    kimg,
    lod,
    ...settings,
    GLearningRate: settings.GLearningRate * ramp,
    DLearningRate: settings.DLearningRate * ramp,
  };
}

/** Factor of the learning rates in (0, 1]: exp(-5 (1 - kimg / length)^2) until `length` (facts 6). */
export function rampup(length: number, kimg: number): number {
  return kimg < length ? Math.exp(-5 * (1 - kimg / length) ** 2) : 1;
}

/**
 * Both Adam states start afresh when the set of active variables changes: at the beginning of a
 * fade and again at its end (facts section 4, step 2). `previousLod` is -1 before the first pass.
 */
export function needsOptimizerReset(previousLod: number, lod: number): boolean {
  return Math.floor(previousLod) !== Math.floor(lod) || Math.ceil(previousLod) !== Math.ceil(lod);
}

/** One stretch of training at a resolution; rates are those after the ramp-up. */
export interface SchedulePhase extends Omit<SchedulePoint, 'kimg' | 'lod'> {
  /** `fade` blends the resolution in, `stabilize` trains it fully visible. */
  readonly kind: 'fade' | 'stabilize';
  /** Level of detail at the two ends of the phase. */
  readonly lod: readonly [from: number, to: number];
  /** Thousands of images shown at the two ends; the last end is that of the run. */
  readonly kimg: readonly [from: number, to: number];
}

/** All phases of a run of `totalKimg`, in order; phases of length zero are left out. */
export function listPhases(
  schedule: Schedule,
  network: Pick<NetworkConfig, 'resolution'>,
  totalKimg: number,
): SchedulePhase[] {
  const top = highestBlock(network);
  const first = Math.min(Math.floor(Math.log2(schedule.lodInitialResolution)), top);
  const phases: SchedulePhase[] = [];
  let start = 0;
  const add = (kind: SchedulePhase['kind'], block: number, length: number) => {
    // Sums of decimal fractions: to a thousandth of an image.
    const whole = Math.round((start + length) * 1e6) / 1e6;
    const end = Math.min(whole, totalKimg);
    if (end <= start) return;
    const level = top - block;
    const reached = kind === 'fade' && end < whole ? level + 1 - (end - start) / length : level;
    const from = kind === 'fade' ? level + 1 : level;
    phases.push({
      kind,
      lod: [from, reached],
      kimg: [start, end],
      ...settingsAt(schedule, 2 ** block),
    });
    start = end;
  };
  // With both lengths zero the official formula never leaves the initial resolution.
  const grows = schedule.lodTrainingKimg + schedule.lodTransitionKimg > 0;
  for (let block = first; block <= top; block++) {
    if (block > first) add('fade', block, schedule.lodTransitionKimg);
    const last = block === top || !grows;
    add('stabilize', block, last ? Infinity : schedule.lodTrainingKimg);
    if (last) break;
  }
  return phases;
}

/** Resolutions that a run visits, each once, with the minibatch it is trained with. */
export function visitedResolutions(phases: readonly SchedulePhase[]): Map<number, number> {
  return new Map(phases.map(({ resolution, minibatch: size }) => [resolution, size]));
}
