import type { BackendName } from '@pggan/engine';
import { paperV1Preset, paperV2Preset } from './paper.js';
import type { Preset } from './preset.js';
import { samplePreset } from './sample.js';

export { type Preset } from './preset.js';

/** Every preset by the name that `--preset` takes. */
export const presets = {
  sample: samplePreset,
  'v1-1gpu': paperV1Preset,
  'v2-1gpu': paperV2Preset,
} as const satisfies Record<string, (backend: BackendName) => Preset>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
