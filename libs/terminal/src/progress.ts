import { SingleBar } from 'cli-progress';
import { formatDuration } from './duration.js';
import { formatQuantity, formatRate, formatShare } from './quantity.js';
import { RateMeter } from './rate-meter.js';

export interface ProgressOptions {
  /** What is being done, in one or two words: `download`, `align`, `train`. */
  readonly title: string;
  /** What is counted: `images`, `bytes`, `kimg`, …; bytes are printed with binary prefixes. */
  readonly unit: string;
  /** Where to write; a bar on a terminal, plain lines elsewhere. Default: standard error. */
  readonly stream?: NodeJS.WriteStream;
  /** Monotonic seconds. Default: `performance.now() / 1000`. */
  readonly clock?: () => number;
  /** Least seconds between two plain lines when the stream is no terminal. Default: 10. */
  readonly lineInterval?: number;
}

export interface Progress {
  /** Reports the position. `total` may be unknown at first and may change; `note` is shown at the end. */
  update(done: number, total?: number, note?: string): void;
  /** Writes a line without breaking the bar. */
  log(line: string): void;
  /** Removes the bar; writes `summary` when given. Further updates are ignored. */
  stop(summary?: string): void;
}

interface Position {
  readonly done: number;
  readonly total: number | undefined;
  readonly note: string;
  /** Units per second, or undefined before there are two positions. */
  readonly rate: number | undefined;
}

/** `12.5 of 40 kimg, 3.1 kimg/s, 9s left, 16x16 fading in` */
function describe(position: Position, unit: string): string {
  const { done, total, note, rate } = position;
  const parts = [total === undefined ? formatQuantity(done, unit) : formatShare(done, total, unit)];
  if (rate !== undefined && rate > 0) {
    parts.push(formatRate(rate, unit));
    if (total !== undefined && total > done) parts.push(`${formatDuration((total - done) / rate)} left`);
  }
  if (note) parts.push(note);
  return parts.join(', ');
}

/** A bar with rate and time left on a terminal; one plain line every few seconds elsewhere. */
export function createProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  const clock = options.clock ?? (() => performance.now() / 1000);
  const meter = new RateMeter();
  let last: Position | undefined;
  let stopped = false;

  const view = stream.isTTY ? barView(options, stream) : lineView(options, stream, clock);
  return {
    update(done, total, note = '') {
      if (stopped) return;
      last = { done, total, note, rate: meter.add(clock(), done) };
      view.show(last);
    },
    log(line) {
      view.log(line);
    },
    stop(summary) {
      if (stopped) return;
      stopped = true;
      view.close(last);
      if (summary) stream.write(`${summary}\n`);
    },
  };
}

interface View {
  show(position: Position): void;
  log(line: string): void;
  close(last: Position | undefined): void;
}

function barView({ title, unit }: ProgressOptions, stream: NodeJS.WriteStream): View {
  const bar = new SingleBar({
    stream,
    format: `${title} {bar} {percentage}% {text}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // Resizes and signals are the program's business; the bar must not keep the process alive.
    gracefulExit: false,
    linewrap: false,
  });
  let started = false;
  return {
    show(position) {
      const total = position.total ?? Math.max(position.done, 1);
      if (!started) bar.start(total, 0, { text: '' });
      started = true;
      bar.setTotal(total);
      bar.update(Math.min(position.done, total), { text: describe(position, unit) });
    },
    log(line) {
      if (started) stream.write('\r\u001b[K');
      stream.write(`${line}\n`);
    },
    close() {
      if (started) bar.stop();
    },
  };
}

function lineView(
  { title, unit, lineInterval = 10 }: ProgressOptions,
  stream: NodeJS.WriteStream,
  clock: () => number,
): View {
  let written: { at: number; position: Position } | undefined;
  const write = (position: Position) => {
    written = { at: clock(), position };
    stream.write(`${title}: ${describe(position, unit)}\n`);
  };
  return {
    show(position) {
      if (!written || clock() - written.at >= lineInterval) write(position);
    },
    log(line) {
      stream.write(`${line}\n`);
    },
    close(last) {
      if (last && last !== written?.position) write(last);
    },
  };
}
