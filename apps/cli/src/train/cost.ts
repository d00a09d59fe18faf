import type { BackendName } from '@pggan/engine';
import { featureMaps, type NetworkConfig, type SchedulePhase, type TrainingOptions } from '@pggan/model';

/** How fast a backend trains; only ratios between resolutions matter once a run has been timed. */
export interface Speed {
  /** Multiply-adds per second in convolutions. */
  readonly macsPerSecond: number;
  /** Seconds a step takes however small the images: dispatch, optimiser, reading. */
  readonly stepSeconds: number;
  /** Seconds to record the step as a graph, once per phase. */
  readonly phaseSeconds: number;
}

/** Measured on two cores with the sample preset; GPUs and more cores are found by timing. */
export const typicalSpeed: Readonly<Record<BackendName, Speed>> = {
  tensorflow: { macsPerSecond: 40e9, stepSeconds: 0.02, phaseSeconds: 2 },
  wasm: { macsPerSecond: 2.5e9, stepSeconds: 0.03, phaseSeconds: 0 },
  cpu: { macsPerSecond: 0.2e9, stepSeconds: 0.05, phaseSeconds: 0 },
};

/**
 * Passes through one network that a step makes, counted in forward passes: D on reals, fakes and
 * mixed images with gradients, the gradient penalty's second order, then G through D.
 */
const passesPerStep = 18;

/** Multiply-adds of one pass of one image through G or D at `resolution` (they mirror each other). */
export function passMacs(network: NetworkConfig, resolution: number): number {
  const pixels = network.baseWidth * network.baseHeight;
  let macs = 0;
  for (let block = 2; 2 ** block <= resolution; block++) {
    const outer = featureMaps(network, block - 1);
    const inner = featureMaps(network, block - 2);
    // A 3x3 convolution, and a 4x4 one with stride 2 (4 taps per pixel of the larger side).
    macs += 4 ** (block - 2) * pixels * outer * (9 * outer + 4 * inner);
  }
  return macs;
}

/** Seconds per image shown to D during `phase`. */
export function secondsPerImage(options: TrainingOptions, phase: SchedulePhase, speed: Speed): number {
  const macs = passesPerStep * passMacs(options.network, phase.resolution);
  return macs / speed.macsPerSecond + speed.stepSeconds / phase.minibatch;
}

/** A machine that takes `slowness` times as long for everything. */
export function slower(speed: Speed, slowness: number): Speed {
  return {
    macsPerSecond: speed.macsPerSecond / slowness,
    stepSeconds: speed.stepSeconds * slowness,
    phaseSeconds: speed.phaseSeconds * slowness,
  };
}

/** Seconds from `from` to `to` images shown. */
export function secondsBetween(
  options: TrainingOptions,
  phases: readonly SchedulePhase[],
  speed: Speed,
  from: number,
  to: number,
): number {
  let seconds = 0;
  for (const phase of phases) {
    const images = Math.min(to, phase.kimg[1] * 1000) - Math.max(from, phase.kimg[0] * 1000);
    if (images <= 0) continue;
    seconds += images * secondsPerImage(options, phase, speed);
    if (from <= phase.kimg[0] * 1000) seconds += speed.phaseSeconds;
  }
  return seconds;
}
