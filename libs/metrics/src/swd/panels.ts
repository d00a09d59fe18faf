/** Directions as the projecting kernels take them: in panels side by side, the last one filled with zeros. */
import type { Moments, Normaliser } from './moments.js';
import { patchArea } from './describe-task.js';
import type { Directions } from './directions.js';

export const floatPanelWidth = 8;
export const integerPanelWidth = 4;

/** [panel, component, 8] */
export function floatPanels({ components, count, values }: Directions): Float32Array {
  const width = floatPanelWidth;
  const panels = new Float32Array(Math.ceil(count / width) * components * width);
  for (let i = 0; i < components; i++)
    for (let direction = 0; direction < count; direction++) {
      const panel = Math.floor(direction / width);
      panels[(panel * components + i) * width + (direction % width)] = values[i * count + direction]!;
    }
  return panels;
}

/** Values of a channel fit 16 bits as (value - offset) * scale; both are exact in float32, and so are whole values. */
export interface Quantiser {
  readonly offset: number;
  readonly scale: number;
}

const largest = 32767;

export function quantiser({ count, sum, least, greatest }: Moments): Quantiser {
  const offset = Math.round(sum / count);
  const reach = Math.max(greatest - offset, offset - least);
  // Of a channel without contrast nothing is left but rounding: any scale serves.
  const scale = reach > 0 ? 2 ** Math.floor(Math.log2(largest / reach)) : 1;
  return { offset, scale };
}

export interface IntegerPanels {
  readonly panels: Int16Array; // [panel, channel, pair of components, 4, 2]
  readonly steps: Float64Array; // [channel, direction]: what one of the 16-bit numbers stands for
  readonly sums: Float64Array; // [channel, direction]: sum of the numbers
}

const pairs = Math.ceil(patchArea / 2);

/**
 * Each direction's part of a channel in whole numbers, as fine as it can be without a sum of products with 16-bit values
 * ever leaving 32 bits.
 */
export function integerPanels(directions: Directions): IntegerPanels {
  const { components, count, values } = directions;
  const channels = components / patchArea;
  const panels = new Int16Array(
    Math.ceil(count / integerPanelWidth) * channels * pairs * integerPanelWidth * 2,
  );
  const steps = new Float64Array(channels * count);
  const sums = new Float64Array(channels * count);
  for (let channel = 0; channel < channels; channel++)
    for (let direction = 0; direction < count; direction++) {
      const part = Array.from(
        { length: patchArea },
        (_, i) => values[(channel * patchArea + i) * count + direction]!,
      );
      const length = part.reduce((sum, value) => sum + Math.abs(value), 0);
      // Rounding adds at most half a step to each of the 49.
      const most = (2 ** 31 - 1) / largest - patchArea / 2;
      const peak = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const step = Math.max(length / most, peak / largest) || 1;
      steps[channel * count + direction] = step;
      const panel = Math.floor(direction / integerPanelWidth);
      part.forEach((value, i) => {
        const whole = Math.round(value / step);
        sums[channel * count + direction]! += whole;
        const pair = (panel * channels + channel) * pairs + (i >> 1);
        panels[(pair * integerPanelWidth + (direction % integerPanelWidth)) * 2 + (i % 2)] = whole;
      });
    }
  return { panels, steps, sums };
}

/** What turns the integer sums of one set into projections of normalised descriptors. */
export function integerFactors(
  { steps, sums }: IntegerPanels,
  quantisers: readonly Quantiser[],
  normalisers: readonly Normaliser[],
): { readonly factors: Float32Array; readonly constants: Float32Array } {
  const channels = quantisers.length;
  const count = steps.length / channels;
  const panels = Math.ceil(count / integerPanelWidth);
  const factors = new Float32Array(panels * channels * integerPanelWidth);
  const constants = new Float64Array(panels * integerPanelWidth);
  for (let channel = 0; channel < channels; channel++)
    for (let direction = 0; direction < count; direction++) {
      const { offset, scale } = quantisers[channel]!;
      const { mean, factor } = normalisers[channel]!;
      const step = steps[channel * count + direction]! * factor;
      const panel = Math.floor(direction / integerPanelWidth);
      const lane = direction % integerPanelWidth;
      factors[(panel * channels + channel) * integerPanelWidth + lane] = step / scale;
      constants[panel * integerPanelWidth + lane]! +=
        (offset - mean) * step * sums[channel * count + direction]!;
    }
  return { factors, constants: Float32Array.from(constants) };
}
