import type { BackendName } from '@pggan/engine';
import { paperPresets, type PaperPresetName } from '@pggan/model';
import type { Preset } from './preset.js';
import { samplePreset } from './sample.js';

export { type Preset } from './preset.js';

export type PresetName = 'sample' | PaperPresetName;

/** Every preset that `--preset` takes: the sample's, then the paper's. */
export const presetNames = ['sample', ...Object.keys(paperPresets)] as [PresetName, ...PresetName[]];

/** What a name stands for on a backend. */
export function findPreset(name: PresetName, backend: BackendName): Preset {
  if (name === 'sample') return samplePreset(backend);
  const preset = paperPresets[name];
  return { ...preset, totalKimg: () => preset.totalKimg };
}
