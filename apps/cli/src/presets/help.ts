import { paperPresets, switches } from '@pggan/model';
import { formatTable } from '@pggan/terminal';

/** What `pggan train --help` says about presets and switches. */
export function presetHelp(): string {
  const rows = (entries: Readonly<Record<string, { readonly summary: string }>>) =>
    formatTable(Object.entries(entries).map(([name, { summary }]) => [`  ${name}`, summary]));
  const sample = { sample: { summary: 'small networks that show recognisable portraits within minutes' } };
  return (
    `\nPresets (--preset):\n${rows({ ...sample, ...paperPresets })}\n` +
    `\nSwitches, to be added to a preset as in v2-1gpu+no-wscale:\n${rows(switches)}`
  );
}
