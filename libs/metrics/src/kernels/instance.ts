/**
 * The WebAssembly module made of ../../kernels: one instance per thread, whose memory grows to what the largest call
 * needed and is used again by the next.
 */
import { MetricsError } from '../errors.js';
import { kernelBinary } from './binary.js';

/** What is used of the global object, whose types come with a browser's library only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapStart(): number;
  widen(source: number, target: number, count: number): void;
  down(source: number, target: number, scratch: number, width: number, height: number): void;
  subtractUp(small: number, level: number, scratch: number, width: number, height: number): void;
  turn(source: number, width: number, height: number, channels: number, target: number): void;
  turnedBytes(width: number, height: number, channels: number): number;
  cutPatches(
    turned: number,
    width: number,
    height: number,
    channels: number,
    xs: number,
    ys: number,
    count: number,
    target: number,
  ): void;
  moments(source: number, rows: number, stride: number, target: number): void;
  normaliseRows(
    rows: number,
    count: number,
    components: number,
    means: number,
    factors: number,
    target: number,
  ): void;
  projectFloat(
    rows: number,
    count: number,
    components: number,
    panel: number,
    panels: number,
    target: number,
    stride: number,
  ): void;
  packRows(
    rows: number,
    count: number,
    channels: number,
    offsets: number,
    scales: number,
    target: number,
    scratch: number,
  ): void;
  projectInteger(
    rows: number,
    groups: number,
    channels: number,
    panels: number,
    count: number,
    factors: number,
    constants: number,
    target: number,
    stride: number,
  ): void;
  sortFloats(values: number, count: number, spare: number, counts: number): void;
  sortScratch(): number;
  rankDistance(a: number, b: number, count: number): number;
  tableBytes(octaves: number): number;
  enterTable(values: number, count: number, table: number, octaves: number): void;
  tableDistance(a: number, b: number, octaves: number): number;
  multiply(
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bColumn: number,
    c: number,
    m: number,
    n: number,
    k: number,
    lower: number,
    scratch: number,
  ): void;
  multiplyScratch(m: number, n: number): number;
  pivotedCholesky(a: number, n: number, l: number, diagonal: number, tolerance: number): number;
  tridiagonalise(a: number, n: number, diagonal: number, beside: number, scratch: number): void;
  sumAndDifference(a: number, b: number, count: number, sums: number, differences: number): void;
  halveFloats(source: number, target: number, width: number, height: number): void;
  similarity(
    sums: number,
    differences: number,
    width: number,
    height: number,
    window: number,
    size: number,
    c1: number,
    c2: number,
    scratch: number,
    result: number,
  ): void;
  similarityScratch(): number;
}

export interface Workspace<Sizes extends readonly number[]> {
  readonly kernels: KernelExports;
  readonly bytes: Uint8Array; // all of the memory; views that the next `workspace` may detach
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly at: { readonly [Region in keyof Sizes]: number }; // where the asked-for regions begin, in bytes
}

const pageBytes = 65536;
const alignment = 64;
/** Kernels load and store whole vectors, so that some touch bytes beyond the last one they were given. */
const slack = 64;

let instance: KernelExports | undefined;

function start(): KernelExports {
  const module = new WebAssembly.Module(Buffer.from(kernelBinary, 'base64'));
  return new WebAssembly.Instance(module).exports as KernelExports;
}

/** The kernels alone, to ask how much scratch they need. */
export function kernelExports(): KernelExports {
  return (instance ??= start());
}

/**
 * Regions of at least the given numbers of bytes, which hold whatever the last call left there.
 * @throws MetricsError `too-many` when 4 GiB are not enough, or the system has no more
 */
export function workspace<Sizes extends readonly number[]>(...sizes: Sizes): Workspace<Sizes> {
  const kernels = kernelExports();
  const at: number[] = [];
  let end = kernels.heapStart();
  for (const length of sizes) {
    end = Math.ceil(end / alignment) * alignment;
    at.push(end);
    end += length + slack;
  }
  const missing = end - kernels.memory.buffer.byteLength;
  if (missing > 0) {
    try {
      kernels.memory.grow(Math.ceil(missing / pageBytes));
    } catch (cause) {
      const needed = `${Math.ceil(end / 2 ** 20)} MiB`;
      throw new MetricsError('too-many', `one thread needs ${needed} at once, which it cannot get`, {
        cause,
      });
    }
  }
  const { buffer } = kernels.memory;
  return {
    kernels,
    bytes: new Uint8Array(buffer),
    floats: new Float32Array(buffer),
    doubles: new Float64Array(buffer),
    at: at as Workspace<Sizes>['at'],
  };
}
