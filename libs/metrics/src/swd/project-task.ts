/** What a thread does with some blocks of descriptors: their products with some directions. */
import { workspace } from '../kernels/instance.js';
import { patchArea } from './describe-task.js';
import { panelWidth } from './panels.js';
import type { Normaliser } from './moments.js';
import type { Quantiser } from './panels.js';

/** float32 throughout: normalise, multiply, add. */
export interface FloatArithmetic {
  readonly kind: 'float32';
  readonly panels: Float32Array;
  readonly normalisers: readonly Normaliser[]; // per channel
}

/** 16-bit values and directions, sums in 32 bits: more than twice as fast, for sets where rounding averages out. */
export interface IntegerArithmetic {
  readonly kind: 'int16';
  readonly panels: Int16Array;
  readonly quantisers: readonly Quantiser[]; // per channel
  readonly factors: Float32Array;
  readonly constants: Float32Array;
}

export type Arithmetic = FloatArithmetic | IntegerArithmetic;

export interface ProjectTask {
  readonly blocks: readonly Float32Array[]; // [row, component] each
  readonly components: number;
  readonly directions: number;
  readonly arithmetic: Arithmetic;
  readonly target: Float32Array; // in shared memory: [direction, all rows]
  readonly firstRow: number; // where these blocks' rows begin among all
}

/** Rows at a time: what they need fits the processor's second cache. */
const chunkRows = 512;

export function project(task: ProjectTask): void {
  const { blocks, components, directions, arithmetic, target } = task;
  const allRows = target.length / directions;
  const panels = Math.ceil(directions / panelWidth);
  const factorBytes = arithmetic.kind === 'int16' ? arithmetic.factors.byteLength : components * 4;
  const { kernels, bytes, floats, at } = workspace(
    chunkRows * components * 4,
    chunkRows * components * 4,
    arithmetic.panels.byteLength,
    components * 4,
    factorBytes,
    panels * panelWidth * 4,
    panels * panelWidth * chunkRows * 4,
  );
  const [rawAt, readyAt, panelsAt, firstAt, secondAt, constantsAt, outAt] = at;
  const { buffer, byteOffset, byteLength } = arithmetic.panels;
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength), panelsAt);
  const perChannel = (i: number) => Math.floor(i / patchArea);
  if (arithmetic.kind === 'float32') {
    const { normalisers } = arithmetic;
    for (let i = 0; i < components; i++) {
      const { mean, factor } = normalisers[perChannel(i)]!;
      floats[firstAt / 4 + i] = mean;
      floats[secondAt / 4 + i] = factor;
    }
  } else {
    const { quantisers, factors, constants } = arithmetic;
    quantisers.forEach(({ offset, scale }, channel) => {
      floats[firstAt / 4 + channel] = offset;
      floats[firstAt / 4 + quantisers.length + channel] = scale;
    });
    floats.set(factors, secondAt / 4);
    floats.set(constants, constantsAt / 4);
  }
  const stride = chunkRows * 4;
  let place = task.firstRow;
  for (const chunk of chunksOf(blocks, chunkRows * components)) {
    const count = chunk.length / components;
    floats.set(chunk, rawAt / 4);
    if (arithmetic.kind === 'float32') {
      kernels.normaliseRows(rawAt, count, components, firstAt, secondAt, readyAt);
      kernels.projectFloat(readyAt, count, components, panelsAt, panels, outAt, stride);
    } else {
      const channels = arithmetic.quantisers.length;
      const scalesAt = firstAt + channels * 4;
      kernels.quantiseRows(rawAt, count, channels, firstAt, scalesAt, readyAt);
      kernels.projectInteger(
        readyAt,
        count,
        channels,
        panelsAt,
        panels,
        secondAt,
        constantsAt,
        outAt,
        stride,
      );
    }
    for (let direction = 0; direction < directions; direction++) {
      const from = outAt / 4 + direction * chunkRows;
      target.set(floats.subarray(from, from + count), direction * allRows + place);
    }
    place += count;
  }
}

function* chunksOf(blocks: readonly Float32Array[], length: number): Generator<Float32Array> {
  for (const block of blocks)
    for (let first = 0; first < block.length; first += length) yield block.subarray(first, first + length);
}
