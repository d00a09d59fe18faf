import { formatDuration, formatTable } from '@pggan/terminal';
import { invocation, type Io } from '../io.js';
import { shorten } from '../paths.js';
import type { SessionResult } from './session.js';

/** What a person wants to know when training ends: how it went, what to look at, what to do next. */
export function summarize(run: string, result: SessionResult, io: Io): string {
  const { finished, images, seconds, samples, checkpoint } = result;
  const path = (file: string | undefined) => (file === undefined ? [] : [shorten(file)]);
  const train = invocation(io, 'train');
  const kimg = images / 1000;
  const rows: string[][] = [];
  const row = (label: string, cells: string[]) => {
    if (cells.length > 0) rows.push([`  ${label}`, ...cells]);
  };
  row('samples', path(samples));
  row('to compare', samples === undefined ? [] : path(result.reals));
  row('network', path(checkpoint));
  if (finished) {
    row('pictures', [`${invocation(io, 'generate')} ${run} --seeds 1-16`]);
    row('train on', [`${train} --resume ${run} --kimg ${Math.ceil(kimg * 2)}`]);
  } else if (checkpoint !== undefined) {
    row('go on', [`${train} --resume ${run}`]);
  }
  const head = `${finished ? 'done' : 'stopped'} in ${formatDuration(seconds)}: ${kimg} kimg`;
  return `${head}\n${formatTable(rows)}\n`;
}
