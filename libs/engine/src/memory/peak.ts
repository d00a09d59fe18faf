/** The most memory this process has held, over a stretch of time. */
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Bytes of memory the process holds right now. Everything counts: tensors of every backend, JavaScript's
 * heap, what allocators keep for later; memory of a GPU does not.
 */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}

/**
 * Starts a new stretch for {@link peakResidentBytes}. Only Linux can forget the past: elsewhere the
 * stretch began with the process, and its peak is an upper bound.
 */
export function restartPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Another system, or a kernel without the file: the peak stays that of the whole process.
  }
}

/** The largest {@link residentBytes} since {@link restartPeak}. */
export function peakResidentBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line) return Number(line[1]) * 1024;
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS * 1024;
}
