/** Random streams of an evaluation: each draw has its own, so that no number depends on which others are asked for. */
import { createHash } from 'node:crypto';
import { RandomState } from '@pggan/random';

export function evaluationStream(seed: number, purpose: string): RandomState {
  const digest = createHash('sha256').update(`pggan evaluation ${seed} ${purpose}`).digest();
  return new RandomState(digest.readUInt32LE(0));
}
