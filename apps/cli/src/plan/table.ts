import type { PlannedPhase, RunPlan } from '@pggan/model';
import { formatBytes, formatDuration, formatTable } from '@pggan/terminal';

/** The whole schedule, for people. */
export function planTable({ phases, totals }: RunPlan): string {
  const head = [
    'phase',
    'kimg',
    'minibatch',
    'at once',
    'rate G',
    'rate D',
    'weights G',
    'weights D',
    'memory',
    'time',
    '',
  ];
  const rows = phases.map((phase) => [
    `${phase.width}x${phase.height}${phase.kind === 'fade' ? ' fading in' : ''}`,
    phase.kimg.join('-'),
    phase.minibatch,
    phase.images,
    String(phase.GLearningRate),
    String(phase.DLearningRate),
    phase.parameters.G,
    phase.parameters.D,
    formatBytes(phase.peakBytes),
    formatDuration(phase.seconds),
    noteOf(phase),
  ]);
  const { parameters, snapshots, snapshotBytes } = totals;
  const all = [
    'in all',
    `${totals.kimg}`,
    '',
    '',
    '',
    '',
    parameters.G,
    parameters.D,
    formatBytes(totals.peakBytes),
    formatDuration(totals.seconds),
  ];
  return (
    `${formatTable([head, ...rows, all])}\n` +
    `${totals.ticks} ticks, ${snapshots} snapshots of ${formatBytes(snapshotBytes)} at most; ` +
    'time is that of training, pictures and snapshots come on top\n'
  );
}

function noteOf({ basis }: PlannedPhase): string {
  return { measured: '', scaled: 'timed with fewer images', extrapolated: 'extrapolated' }[basis];
}
