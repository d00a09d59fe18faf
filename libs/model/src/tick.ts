import { formatTime } from './format-time.js';
import type { SchedulePoint } from './schedule.js';

/** What is known at the end of a tick; the fields of the official log line, and more. */
export interface TickReport {
  /** Ticks completed, 1 for the first. */
  readonly tick: number;
  /** Images shown so far. */
  readonly nimg: number;
  readonly kimg: number;
  readonly lod: number;
  readonly minibatch: number;
  /** The schedule the last steps of the tick followed. */
  readonly point: SchedulePoint;
  /** Seconds since the run began, over every resume. */
  readonly totalSeconds: number;
  readonly secondsPerTick: number;
  readonly secondsPerKimg: number;
  /** Seconds that the previous tick's pictures and snapshots took. */
  readonly maintenanceSeconds: number;
  /** Averages over the tick by official summary name; null = no finite value. */
  readonly statistics: Readonly<Record<string, number | null>>;
}

/** The official log line: tick, kimg, lod, minibatch, time, sec/tick, sec/kimg, maintenance. */
export function formatTick(report: TickReport): string {
  const field = (name: string, text: string, width: number) => `${name} ${text.padEnd(width)}`;
  return [
    field('tick', String(report.tick), 5),
    field('kimg', report.kimg.toFixed(1), 8),
    field('lod', report.lod.toFixed(2), 5),
    field('minibatch', String(report.minibatch), 4),
    field('time', formatTime(report.totalSeconds), 12),
    field('sec/tick', report.secondsPerTick.toFixed(1), 7),
    field('sec/kimg', report.secondsPerKimg.toFixed(2), 7),
    `maintenance ${report.maintenanceSeconds.toFixed(1)}`,
  ].join(' ');
}
