/** The golden numbers of ../shared/golden, copied into fixtures, as tensors of the active backend. */
import { readFileSync } from 'node:fs';
import { tf } from '@pggan/engine';
import { expect } from 'vitest';
import {
  decodeSafetensors,
  networkConfigSchema,
  type NetworkConfig,
  type RawTensor,
  type Weights,
} from '../src/index.js';

export interface Stats {
  readonly shape: number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly l2: number;
  readonly first: number[];
  readonly last: number[];
}

interface AdamGolden {
  readonly loss_before: number;
  readonly weights: Record<string, Stats>;
}

export interface LodGolden {
  readonly images_all8: Stats;
  readonly d_loss: number;
  readonly d_parts: Record<string, number[]>;
  readonly d_grads: Record<string, Stats>;
  readonly d_grad_global_l2: number;
  readonly g_loss: number;
  readonly g_parts: Record<string, number[]>;
  readonly g_grads: Record<string, Stats>;
  readonly g_grad_global_l2: number;
  readonly adam_d: AdamGolden[];
  readonly adam_g: AdamGolden[];
  readonly 'ema_after_2_g_steps_beta0.999_from_initial': Record<string, Stats>;
}

interface RealsCase {
  readonly images: number[] | null;
  readonly shape: [number, number, number, number];
  readonly bytes_sum: number;
  readonly mirror: boolean[];
  readonly plain: Stats;
  readonly mirrored: Stats;
}

interface Golden {
  readonly main: { lods: number[]; numbers: Record<string, LodGolden> };
  readonly fused_vs_unfused: { values: Record<string, { d_unfused_scores_n8: number[] }> };
  readonly variants: { values: Record<string, Record<string, Stats | number[]>> };
  readonly process_reals: { cases: Record<string, RealsCase> };
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
}

export const golden = JSON.parse(fixture('golden.json').toString()) as Golden;
export const lods = golden.main.lods;
const cond = JSON.parse(fixture('cond.json').toString()) as Golden['main'];

/** The two collections of losses, gradients and steps: 32 px RGB, and 8 px gray with 3 classes. */
export const collections = {
  unconditional: { ...golden.main, prefix: '', config: goldenConfig() },
  conditional: {
    ...cond,
    prefix: 'cond_',
    config: goldenConfig({ resolution: 8, numChannels: 1, labelSize: 3, fmapBase: 32, fmapMax: 8 }),
  },
};

export function goldenConfig(changes: Partial<NetworkConfig> = {}): NetworkConfig {
  return networkConfigSchema.parse({ resolution: 32, fmapBase: 256, fmapMax: 32, ...changes });
}

export function rawTensors(name: string): Record<string, RawTensor> {
  return decodeSafetensors(fixture(`${name}.safetensors`), name).tensors;
}

/** A fixture's tensors on the active backend; the caller's test disposes of them. */
export function tensors(name: string): Weights {
  return Object.fromEntries(
    Object.entries(rawTensors(name)).map(([key, { data, shape }]) => [key, tf.tensor(data, [...shape])]),
  );
}

/** NCHW, as the fixtures are, to NHWC, as tensors are inside. */
export function toNhwc(x: tf.Tensor): tf.Tensor4D {
  return tf.transpose(x as tf.Tensor4D, [0, 2, 3, 1]);
}

/** The same statistics the golden maker took, in double precision. */
export function statsOf(values: ArrayLike<number>): Omit<Stats, 'shape'> {
  const array = Array.from(values);
  const total = (f: (v: number) => number) => array.reduce((sum, v) => sum + f(v), 0);
  return {
    sum: total((v) => v),
    abs_sum: total(Math.abs),
    l2: Math.sqrt(total((v) => v * v)),
    first: array.slice(0, 6),
    last: array.slice(-3),
  };
}

export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Elements and sums of a tensor against its golden statistics. */
export function expectStats(
  values: ArrayLike<number>,
  expected: Stats,
  { element, sum, l2 }: { element: number; sum: number; l2?: number },
): void {
  const actual = statsOf(values);
  expect(maxDifference(actual.first, expected.first)).toBeLessThan(element);
  expect(maxDifference(actual.last, expected.last)).toBeLessThan(element);
  expect(Math.abs(actual.sum - expected.sum)).toBeLessThan(sum);
  expect(Math.abs(actual.abs_sum - expected.abs_sum)).toBeLessThan(sum);
  if (l2 !== undefined) expect(Math.abs(actual.l2 - expected.l2)).toBeLessThan(l2);
}
