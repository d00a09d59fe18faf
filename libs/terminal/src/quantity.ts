const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 1536 -> `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < binary.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${binary[unit]}`;
}

/** A count in its unit; bytes get binary prefixes, everything else a plain number. */
export function formatQuantity(value: number, unit: string): string {
  if (unit === 'bytes') return formatBytes(value);
  const number = Number.isInteger(value) ? String(value) : value.toFixed(1);
  return `${number} ${unit}`;
}

/** `3 of 200 images`, `1.5 MiB of 2.0 MiB`. */
export function formatShare(done: number, total: number, unit: string): string {
  if (unit === 'bytes') return `${formatBytes(done)} of ${formatBytes(total)}`;
  const number = Number.isInteger(done) ? String(done) : done.toFixed(1);
  return `${number} of ${formatQuantity(total, unit)}`;
}

/** Units per second, precise enough to be worth reading: `12 images/s`, `0.4 kimg/s`, `3.1 MiB/s`. */
export function formatRate(perSecond: number, unit: string): string {
  if (unit === 'bytes') return `${formatBytes(Math.round(perSecond))}/s`;
  const digits = perSecond >= 10 ? 0 : perSecond >= 1 ? 1 : 2;
  return `${perSecond.toFixed(digits)} ${unit}/s`;
}
