import type { PlanProblem } from '@pggan/model';
import { formatBytes } from '@pggan/terminal';
import { CliError } from '../errors.js';

/** What stands in the way of a run, and the option to change. */
export function describeProblem(problem: PlanProblem, runs: string): string {
  const [needed, free] = [formatBytes(problem.neededBytes), formatBytes(problem.availableBytes)];
  if (problem.kind === 'disk') {
    return (
      `disk: ${problem.snapshots} snapshots and the one being written take ${needed}, ${free} are free in ` +
      `${runs}; free some space, choose another folder with --runs, or make the networks narrower with --fmap-max`
    );
  }
  const { resolution, minibatch, images, smaller, whole } = problem;
  const narrower = `narrower networks (--fmap-base, --fmap-max) or a lower --resolution`;
  const remedy =
    whole !== undefined
      ? `--minibatch ${resolution}:N with fewer images (they cannot be split, for ${whole}), ${narrower}`
      : smaller === undefined
        ? narrower
        : `--micro-batch ${smaller} or auto, ${narrower}`;
  const parts = images < minibatch ? ` in parts of ${images}` : '';
  return (
    `memory: steps at ${resolution}x${resolution} with ${minibatch} images${parts} take ${needed}, ${free} are free; ` +
    `change ${remedy}, or say with --memory that there is more`
  );
}

/** @throws CliError `plan-refused` when there are any problems */
export function requireFeasible(problems: readonly PlanProblem[], runs: string): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => describeProblem(problem, runs));
  throw new CliError('plan-refused', `this run would not reach its end\n  ${lines.join('\n  ')}`);
}
