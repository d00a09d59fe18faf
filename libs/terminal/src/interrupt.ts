/** A task runner in between delivers one key press twice: from the terminal and by forwarding it. */
const samePressMs = 500;

/**
 * First Ctrl-C (or SIGTERM) aborts the signal so that the job can save and stop; the second leaves at once
 * with exit code 130. `dispose` restores the default behaviour.
 */
export function onInterrupt(announce: (line: string) => void): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let firstAt = 0;
  const handle = () => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt < samePressMs) return;
      process.exit(130);
    }
    firstAt = performance.now();
    controller.abort();
    announce('stopping after the current step; press Ctrl-C again to leave at once');
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
