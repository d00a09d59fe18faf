import { formatDuration } from '@pggan/terminal';
import { invocation, type Io } from '../io.js';
import { shorten } from '../paths.js';
import { describeSize } from '../run/config.js';
import { describeEvent } from '../run/events.js';
import type { RunReport, UpcomingEvent } from './report.js';

/** A run in plain words. */
export function describeRun(report: RunReport, io: Io): string {
  return `${[
    statusLine(report),
    ...placeLines(report),
    ...eventLines(report),
    ...nextLines(report),
    ...originLines(report),
    ...remedyLines(report, io),
  ].join('\n')}\n`;
}

function statusLine({ name, status, pid, host, kimg, totalKimg }: RunReport): string {
  const process = pid === undefined ? '' : ` (process ${pid})`;
  const share = `${kimg} of ${totalKimg} kimg`;
  const what = {
    running: `is training now${process}: ${share}, as of its last tick`,
    elsewhere: `says that it trains on ${host}${process}: ${share}, as of its last tick`,
    finished: `is finished: ${share}`,
    stopped: `was stopped after ${share}`,
    'gave-up': `gave up after ${share}, for training diverged`,
    killed: `was interrupted: its process${process} ended without a word; the last tick was at ${share}`,
  }[status];
  return `${name} ${what}`;
}

function placeLines(report: RunReport): string[] {
  const { width, height, kind, visible, minibatch, GLearningRate, DLearningRate, secondsPerKimg } = report;
  const size = `${width}x${height}`;
  const phase =
    kind === 'fade'
      ? `${size} is fading in: ${Math.round(visible * 100)} % of the picture is the new resolution`
      : `${size}, fully visible`;
  const rates =
    GLearningRate === DLearningRate
      ? `learning rate ${rate(GLearningRate)}`
      : `learning rates ${rate(GLearningRate)} (G) and ${rate(DLearningRate)} (D)`;
  const spent = `${formatDuration(report.seconds)} spent so far`;
  const speed = secondsPerKimg === undefined ? [] : [`${secondsPerKimg.toFixed(1)} s a kimg`];
  const left =
    report.secondsLeft === undefined || report.next.length === 0
      ? []
      : [`about ${formatDuration(report.secondsLeft)} left`];
  return [
    `  phase: ${phase}; ${minibatch} images a step, ${rates}`,
    `  time: ${[spent, ...speed, ...left].join(', ')}`,
  ];
}

const rate = (value: number) => String(Number(value.toPrecision(3)));

/** Skipped updates are told by the tick: there may be one in every pass. */
function eventLines({ events, skippedTicks }: RunReport): string[] {
  const lines = events.filter(({ event }) => event !== 'skipped').map((row) => `  ${describeEvent(row)}`);
  if (skippedTicks > 0) {
    const ticks = `${skippedTicks} tick${skippedTicks === 1 ? '' : 's'}`;
    lines.push(`  updates were skipped in ${ticks}: a gradient was not finite`);
  }
  return lines;
}

function nextLines({ next }: RunReport): string[] {
  return next.map((event) => {
    const when = event.seconds === undefined ? '' : `, in about ${formatDuration(event.seconds)}`;
    return `  next: ${describeNext(event)} at ${Number(event.kimg.toFixed(3))} kimg${when}`;
  });
}

function describeNext({ what, width, height }: UpcomingEvent): string {
  return {
    pictures: 'pictures',
    metrics: 'metrics',
    snapshot: 'a snapshot',
    'fade-begins': `${width}x${height} begins to fade in`,
    'fade-ends': `${width}x${height} is fully visible`,
    end: 'the end',
  }[what];
}

function originLines({ dataset, engine, preset, created, branchedFrom }: RunReport): string[] {
  const labels =
    dataset.labelComponents === undefined ? '' : `, labels of ${dataset.labelComponents} numbers`;
  const images = dataset.channels === 1 ? 'gray images' : 'images';
  const engineText = [engine.backend, engine.tensorflowVersion, engine.gpu ? 'on a GPU' : undefined];
  return [
    `  trained on: ${dataset.name}, ${dataset.count} ${images} of ${describeSize(dataset)}${labels} (${dataset.path})`,
    `  begun ${created} with preset ${preset}, ${engineText.filter((part) => part !== undefined).join(' ')}`,
    ...(branchedFrom === undefined ? [] : [`  branched from ${branchedFrom}`]),
  ];
}

function remedyLines({ status, folder, checkpoint, kimg }: RunReport, io: Io): string[] {
  const run = shorten(folder);
  const train = invocation(io, 'train');
  if (status === 'running' || status === 'elsewhere') return [];
  if (checkpoint === undefined) return ['  there is no snapshot to go on from; start it again'];
  if (status === 'finished') return [`  train on: ${train} --resume ${run} --kimg ${Math.ceil(kimg * 2)}`];
  const more = status === 'gave-up' ? ' --learning-rate RATE' : '';
  return [`  go on, from ${checkpoint}: ${train} --resume ${run}${more}`];
}
