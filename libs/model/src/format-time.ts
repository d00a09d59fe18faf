/** Python's round(): the nearest integer, halves to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * A duration as the official log writes it: `45s`, `12m 05s`, `3h 07m 09s`, `2d 04h 06m`
 * (facts section 4). Negative durations are not expected.
 */
export function formatTime(seconds: number): string {
  const total = roundHalfEven(seconds);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const minutes = two((total / 60) % 60);
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m ${two(total % 60)}s`;
  if (total < 86400) return `${Math.floor(total / 3600)}h ${minutes}m ${two(total % 60)}s`;
  return `${Math.floor(total / 86400)}d ${two((total / 3600) % 24)}h ${minutes}m`;
}
