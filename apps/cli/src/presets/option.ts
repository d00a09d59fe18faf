import { switches, type SwitchName } from '@pggan/model';
import { z } from 'zod';
import { presetNames, type PresetName } from './index.js';

/** `--preset NAME[+SWITCH]...`. */
export interface ChosenPreset {
  readonly name: PresetName;
  readonly switches: readonly SwitchName[];
}

const isPreset = (text: string): text is PresetName => (presetNames as readonly string[]).includes(text);
const isSwitch = (text: string): text is SwitchName => Object.hasOwn(switches, text);

/** A preset and any number of switches, as typed; the message lists what there is. */
export function presetOption() {
  return z.string().transform((text, context): ChosenPreset => {
    const [name = '', ...added] = text.split('+');
    if (isPreset(name) && added.every(isSwitch)) return { name, switches: added };
    const unknown = isPreset(name) ? added.find((part) => !isSwitch(part)) : name;
    const known = isPreset(name) ? Object.keys(switches) : presetNames;
    context.addIssue({ code: 'custom', message: `expected one of ${known.join(', ')}, got "${unknown}"` });
    return z.NEVER;
  });
}

/** As it was typed. */
export function presetText({ name, switches: added }: ChosenPreset): string {
  return [name, ...added].join('+');
}
