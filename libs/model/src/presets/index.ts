/** The paper's settings by name. */
import { mnistModes } from './mnist-modes.js';
import { v1, v2EightDevices, v2FourDevices, v2OneDevice, v2TwoDevices } from './official.js';
import { celebahq, cifar10, lsun, lsunFull } from './older.js';
import { extend, type Preset } from './preset.js';
import { switches, type SwitchName } from './switches.js';
import {
  table1a,
  table1b,
  table1c,
  table1d,
  table1e,
  table1eStar,
  table1f,
  table1g,
  table1h,
} from './table1.js';

const [half, quarter] = [mnistModes(2), mnistModes(4)];

/** Every preset of the paper and the official code. */
export const paperPresets = {
  'v1-1gpu': v1,
  'v2-1gpu': v2OneDevice,
  'v2-2gpus': v2TwoDevices,
  'v2-4gpus': v2FourDevices,
  'v2-8gpus': v2EightDevices,
  celebahq,
  lsun,
  'lsun-full': lsunFull,
  cifar10,
  'table1-a': table1a,
  'table1-b': table1b,
  'table1-c': table1c,
  'table1-d': table1d,
  'table1-e-star': table1eStar,
  'table1-e': table1e,
  'table1-f': table1f,
  'table1-g': table1g,
  'table1-h': table1h,
  'mnist-k2-baseline': half.baseline,
  'mnist-k2-norm': half.norm,
  'mnist-k2-mbstd': half.mbstd,
  'mnist-k2-progressive': half.progressive,
  'mnist-k4-baseline': quarter.baseline,
  'mnist-k4-norm': quarter.norm,
  'mnist-k4-mbstd': quarter.mbstd,
  'mnist-k4-progressive': quarter.progressive,
} as const satisfies Record<string, Preset>;

export type PaperPresetName = keyof typeof paperPresets;

/** A preset with switches on top, the later ones last. */
export function withSwitches(preset: Preset, names: readonly SwitchName[]): Preset {
  return names.reduce(
    (changed, name) => extend(changed, { ...switches[name], summary: changed.summary }),
    preset,
  );
}

export { type Preset, type PresetChanges } from './preset.js';
export { switches, type SwitchName } from './switches.js';
