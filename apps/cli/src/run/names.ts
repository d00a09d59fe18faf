/** File names inside a run folder. */
export const runFiles = {
  config: 'config.json',
  log: 'log.txt',
  stats: 'stats.jsonl',
  events: 'events.jsonl',
  measures: 'measures.json',
  metrics: 'metrics.jsonl',
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

const snapshotPattern = /^network-snapshot-(\d{6,}(?:\.\d{3})?)\.safetensors$/;

/** Snapshots among `names`, oldest first; `network-final` last of all. */
export function sortCheckpoints(names: readonly string[]): string[] {
  const snapshots = sortSnapshots(names);
  return names.includes(runFiles.final) ? [...snapshots, runFiles.final] : snapshots;
}

/** The kimg in a snapshot's name; NaN when it is none. */
export function snapshotKimg(name: string): number {
  return Number(snapshotPattern.exec(name)?.[1]);
}

/** Snapshots among `names` without `network-final`, oldest first. */
export function sortSnapshots(names: readonly string[]): string[] {
  return names.filter((name) => snapshotPattern.test(name)).sort((a, b) => snapshotKimg(a) - snapshotKimg(b));
}

/**
 * Whether names of a run count images (see {@link kimgNumber}): as its files do so far, else as its ticks need.
 * @param names of the files in its folder
 */
export function countsImages(names: readonly string[], shortestTickKimg: number): boolean {
  const counted = names.map((name) => /^(?:fakes|network-snapshot-)\d{6,}(\.\d{3})?\./.exec(name));
  const first = counted.find((match) => match !== null);
  return first === undefined ? shortestTickKimg < 1 : first?.[1] !== undefined;
}
