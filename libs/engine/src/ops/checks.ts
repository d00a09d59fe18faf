/** Shape conditions that tfjs would report in its own terms, or not at all. */
import { EngineError } from '../errors.js';
import type * as tf from '../tf.js';

/** Throws EngineError `shape-invalid` unless `size` is a positive multiple of `divisor`. */
export function requireMultiple(
  op: string,
  what: string,
  size: number,
  divisor: number,
  shape: readonly number[],
): void {
  if (Number.isInteger(divisor) && divisor > 0 && size > 0 && size % divisor === 0) return;
  throw new EngineError(
    'shape-invalid',
    `${op}: ${what} must be a multiple of ${divisor}, got ${size} (x has shape [${shape.join(', ')}]).`,
  );
}

/** Throws EngineError `shape-invalid` unless the last axis of x has as many entries as the weight expects. */
export function requireChannels(
  op: string,
  x: tf.Tensor,
  expected: number | undefined,
  weight: tf.Tensor,
): void {
  if (x.shape.at(-1) === expected) return;
  throw new EngineError(
    'shape-invalid',
    `${op}: x must have ${expected} channels on its last axis to match the weight of shape ` +
      `[${weight.shape.join(', ')}], got shape [${x.shape.join(', ')}].`,
  );
}
