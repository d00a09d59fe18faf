/** File names inside a run folder. */
export const runFiles = {
  config: 'config.json',
  log: 'log.txt',
  stats: 'stats.jsonl',
  events: 'events.jsonl',
  measures: 'measures.json',
  running: 'running.json',
  reals: 'reals.png',
  final: 'network-final.safetensors',
  done: '_training-done.txt',
} as const;

/**
 * The number in `fakes…png` and `network-snapshot-…safetensors`: kimg, truncated, six digits, as the official
 * code has it. A run whose ticks are shorter than one kimg would overwrite its own files, so there (and only there)
 * three decimals follow, images shown being whole: `000012.480`. One run never mixes the two, so names sort by time.
 */
export function kimgNumber(images: number, shortTicks: boolean): string {
  const kimg = String(Math.floor(images / 1000)).padStart(6, '0');
  return shortTicks ? `${kimg}.${String(images % 1000).padStart(3, '0')}` : kimg;
}

export function fakesName(images: number, shortTicks: boolean): string {
  return `fakes${kimgNumber(images, shortTicks)}.png`;
}

export function snapshotName(images: number, shortTicks: boolean): string {
  return `network-snapshot-${kimgNumber(images, shortTicks)}.safetensors`;
}

/** Snapshots among `names`, oldest first; `network-final` last of all. */
export function sortCheckpoints(names: readonly string[]): string[] {
  const snapshots = names
    .filter((name) => /^network-snapshot-\d{6,}(\.\d{3})?\.safetensors$/.test(name))
    .sort();
  return names.includes(runFiles.final) ? [...snapshots, runFiles.final] : snapshots;
}
