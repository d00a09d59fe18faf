/** Which settings of a run may change when it is continued. */
import type { TrainingOptions } from './options.js';

/**
 * `refused`: the state cannot go on so. `allowed`: it goes on, and computes something else than it would have.
 * `harmless`: what is computed stays the same.
 */
export type ResumeClass = 'refused' | 'allowed' | 'harmless';

export interface ResumeRule {
  readonly class: ResumeClass;
  /** A clause for people: what the change means. */
  readonly reason: string;
}

/** By setting, `a.b` for parts of one; the longest name that fits counts. */
export type ResumeRules = Readonly<Record<string, ResumeRule>>;

/** A setting that is not what it was. */
export interface SettingDifference extends ResumeRule {
  /** `schedule.GlrateBase`. */
  readonly setting: string;
  /** Undefined = there was none. */
  readonly was: unknown;
  readonly now: unknown;
}

const refused = (reason: string): ResumeRule => ({ class: 'refused', reason });
const allowed = (reason: string): ResumeRule => ({ class: 'allowed', reason });
const harmless = (reason: string): ResumeRule => ({ class: 'harmless', reason });

const objective = allowed('the networks go on from where they are under another objective');
const loop = allowed('from here on');
const outputs = harmless('only when files are written, and how they look');

const topRules: Record<keyof TrainingOptions, ResumeRule> = {
  network: refused('the networks of the run are made so'),
  seed: refused('first weights, random streams and the order of the images began with it'),
  loss: refused('the averages since the last tick are those of the other loss'),
  schedule: allowed('the run goes on at the place that the new schedule has for its images'),
  totalKimg: allowed('another end'),
  wgan: objective,
  lsgan: objective,
  condition: objective,
  adam: loop,
  GSmoothing: loop,
  mirrorAugment: loop,
  minibatchRepeats: loop,
  DRepeats: loop,
  simultaneous: loop,
  microBatch: allowed('sums are split otherwise: the same up to rounding'),
  resetOptForNewLod: loop,
  divergence: allowed('what counts as lost'),
  imageSnapshotTicks: outputs,
  networkSnapshotTicks: outputs,
  snapshotGrid: outputs,
};

/** How each of the training options is taken when a run is continued. */
export const trainingResumeRules: ResumeRules = {
  ...topRules,
  'schedule.GlrateBase': allowed('the rate of G from here on'),
  'schedule.GlrateDict': allowed('the rate of G from here on'),
  'schedule.DlrateBase': allowed('the rate of D from here on'),
  'schedule.DlrateDict': allowed('the rate of D from here on'),
  'schedule.minibatchBase': allowed('images per step from here on'),
  'schedule.minibatchDict': allowed('images per step from here on'),
  'schedule.tickKimgBase': harmless('the length of a tick'),
  'schedule.tickKimgDict': harmless('the length of a tick'),
};

/**
 * Everything in which `now` differs from `was`, in the order of the settings; objects are compared part by part.
 * A setting that no rule names is refused.
 */
export function compareSettings(was: unknown, now: unknown, rules: ResumeRules): SettingDifference[] {
  const [before, after] = [leaves(was), leaves(now)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((setting) => before.get(setting) !== after.get(setting))
    .map((setting) => ({
      setting,
      was: before.get(setting),
      now: after.get(setting),
      ...ruleFor(setting, rules),
    }));
}

/** What of the options a state was trained with differs from those it is to be continued with. */
export function compareTrainingOptions(was: TrainingOptions, now: TrainingOptions): SettingDifference[] {
  return compareSettings(was, now, trainingResumeRules);
}

function ruleFor(setting: string, rules: ResumeRules): ResumeRule {
  for (let name = setting; name !== ''; name = name.slice(0, Math.max(name.lastIndexOf('.'), 0))) {
    const rule = rules[name];
    if (rule !== undefined) return rule;
  }
  return refused('not known to this version');
}

/** Values that are no objects, by path. */
function leaves(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([key, part]) => [...leaves(part, path === '' ? key : `${path}.${key}`)]),
  );
}
