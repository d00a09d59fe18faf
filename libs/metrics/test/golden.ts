/** The golden images and arrays: generated from their seeds where they can be, checked against their recorded hashes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeNpy } from '@pggan/files';
import type { ImageBatch } from '../src/index.js';

const folder = resolve(import.meta.dirname, 'fixtures');

export function goldenJson<Content>(name: string): Content {
  return JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as Content;
}

export function goldenNpy(name: string) {
  const bytes = readFileSync(resolve(folder, name));
  return decodeNpy(name.endsWith('.gz') ? gunzipSync(bytes) : bytes, name);
}

interface Spec {
  readonly seed: number;
  readonly n: number;
  readonly res: number;
  readonly channels: number;
  readonly weights: readonly number[];
  readonly gain16: number;
  readonly mix16: number;
  readonly shapes: number;
}

const manifest =
  goldenJson<
    Record<string, { spec?: Spec; seed?: number; shape: readonly number[]; sha256_of_bytes: string }>
  >('images.json');

/** The generators' linear congruential stream. */
export function lcg(seed: number) {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  return { byte: () => next() >>> 24, u16: () => next() >>> 16 };
}

/** Nearly normal deviates, exact in float64. */
export function irwinHall(seed: number, count: number): Float64Array {
  const { u16 } = lcg(seed);
  return Float64Array.from({ length: count }, () => {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += u16();
    return sum / 65536 - 6;
  });
}

/** `count` integers from `half` to size - half - 1. */
export function positions(seed: number, count: number, size: number, half: number): Int32Array {
  const { u16 } = lcg(seed);
  return Int32Array.from({ length: count }, () => half + (u16() % (size - 2 * half)));
}

function valueNoise(spec: Spec, index: number): Uint8Array {
  const { res, channels, weights, gain16, mix16, shapes } = spec;
  const { byte } = lcg(spec.seed + Math.imul(2654435761, index));
  const area = res * res;
  const sums = new Float64Array(channels * area);
  let used = 0;
  for (const [k, weight] of weights.entries()) {
    const cell = res >> (k + 1);
    if (cell < 1) break;
    used += weight;
    const side = res / cell + 1;
    const lattice = Uint8Array.from({ length: channels * side * side }, byte);
    for (let at = 0; at < sums.length; at++) {
      const [x, y] = [at % res, Math.floor(at / res) % res];
      const [fx, fy] = [x % cell, y % cell];
      const corner = (Math.floor(at / area) * side + Math.floor(y / cell)) * side + Math.floor(x / cell);
      const above = lattice[corner]! * (cell - fx) + lattice[corner + 1]! * fx;
      const below = lattice[corner + side]! * (cell - fx) + lattice[corner + side + 1]! * fx;
      sums[at]! += weight * Math.floor((above * (cell - fy) + below * fy) / (cell * cell));
    }
  }
  const values = sums.map((sum) => Math.floor(sum / used));
  const mixed = values.map((value, at) =>
    Math.floor((mix16 * values[at % area]! + (16 - mix16) * value) / 16),
  );
  const out = mixed.map((value) =>
    Math.min(255, Math.max(0, Math.floor(((value - 128) * gain16) / 16) + 128)),
  );
  for (let shape = 0; shape < shapes; shape++) {
    const cx = (byte() * res) >> 8;
    const cy = (byte() * res) >> 8;
    const r = ((byte() * res) >> 10) + 1;
    const kind = byte() & 1;
    const colour = Array.from({ length: channels }, byte);
    for (let at = 0; at < out.length; at++) {
      const [dx, dy] = [(at % res) - cx, (Math.floor(at / res) % res) - cy];
      const covered = kind === 0 ? dx * dx + dy * dy <= r * r : Math.abs(dx) <= r && Math.abs(dy) <= r;
      if (covered) out[at] = Math.floor((out[at]! + colour[Math.floor(at / area)]!) / 2);
    }
  }
  return Uint8Array.from(out);
}

function distorted({ data, width, height, channels }: ImageBatch): ImageBatch {
  const out = data.map((value, at) => {
    const left = at % width > 0 ? 1 : 0;
    const up = Math.floor(at / width) % height > 0 ? width : 0;
    const sum = value + data[at - up]! + data[at - left]! + data[at - up - left]!;
    return Math.min(255, Math.floor((Math.floor(sum / 4) * 7) / 8) + 10);
  });
  return { data: out, width, height, channels };
}

function generated(name: string): Uint8Array {
  const { spec, seed, shape } = manifest[name]!;
  if (spec) {
    const out = new Uint8Array(shape.reduce((a, b) => a * b));
    for (let i = 0; i < spec.n; i++) out.set(valueNoise(spec, i), i * spec.channels * spec.res * spec.res);
    return out;
  }
  if (seed !== undefined) return Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, lcg(seed).byte);
  return Uint8Array.from(goldenNpy(`${name}.npy.gz`).data);
}

const known = new Map<string, ImageBatch>();

/** A set by its name: A16, P64, Pd64, … "distort(A16)". */
export function imageSet(name: string): ImageBatch {
  const set = known.get(name) ?? makeSet(name);
  known.set(name, set);
  return set;
}

function makeSet(name: string): ImageBatch {
  const source = /^distort\((\w+)\)$/.exec(name)?.[1] ?? (name.startsWith('Pd') ? `P${name.slice(2)}` : null);
  if (source) return distorted(imageSet(source));
  const { shape, sha256_of_bytes: expected } = manifest[name]!;
  const data = generated(name);
  const hash = createHash('sha256').update(data).digest('hex');
  if (hash !== expected) throw new Error(`${name} is not the golden set`);
  return { data, channels: 3, width: shape[3]!, height: shape[2]! };
}

/** Images first, first + step, … of a batch. */
export function everyOf(batch: ImageBatch, first: number, step: number): ImageBatch {
  const samples = batch.channels * batch.width * batch.height;
  const chosen = Array.from({ length: batch.data.length / samples }, (_, i) => i).filter(
    (i) => i >= first && (i - first) % step === 0,
  );
  const data = new Uint8Array(chosen.length * samples);
  chosen.forEach((i, to) => data.set(batch.data.subarray(i * samples, (i + 1) * samples), to * samples));
  return { ...batch, data };
}

/** In minibatches of `size` images. */
export function batches(batch: ImageBatch, size: number): ImageBatch[] {
  const bytes = batch.channels * batch.width * batch.height * size;
  return Array.from({ length: Math.ceil(batch.data.length / bytes) }, (_, i) => ({
    ...batch,
    data: batch.data.slice(i * bytes, (i + 1) * bytes),
  }));
}
