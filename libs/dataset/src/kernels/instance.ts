/**
 * The WebAssembly module made of ../../kernels: one instance per thread, whose memory grows to what the largest call
 * needed and is used again by the next. Callers work in strips, so that this stays at a few megabytes.
 */
import { kernelBinary } from './binary.js';

/** What is used of the global object, whose types come with a browser's library only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

type SampleRow = (
  source: number,
  stride: number,
  table: number,
  x: number,
  y: number,
  dx: number,
  dy: number,
  count: number,
  target: number,
  half: number,
) => void;

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapStart(): number;
  resampleRows(
    source: number,
    stride: number,
    groups: number,
    scratch: number,
    pixelPairs: number,
    target: number,
    targetStride: number,
    width: number,
    starts: number,
    pairs: number,
    weights: number,
    weightStride: number,
  ): void;
  resampleColumns(
    source: number,
    stride: number,
    count: number,
    weights: number,
    target: number,
    samples: number,
  ): void;
  halve8(source: number, sums: number, stored: number, width: number, height: number): void;
  halve16(source: number, sums: number, stored: number, width: number, height: number): void;
  halve32(source: number, sums: number, stored: number, width: number, height: number, shift: number): void;
  luma(source: number, target: number, pixels: number): void;
  halveLuma(source: number, stride: number, target: number, width: number, height: number): void;
  unstuff(source: number, end: number, target: number, marker: number): number;
  decodeScan(
    source: number,
    length: number,
    unitsAcross: number,
    unitsDown: number,
    components: number,
    fromColumn: number,
    toColumn: number,
    fromRow: number,
    toRow: number,
  ): number;
  convertRows(
    luma: number,
    lumaStride: number,
    cb: number,
    cr: number,
    chromaStride: number,
    chromaWidth: number,
    chromaHeight: number,
    width: number,
    height: number,
    first: number,
    rows: number,
    scratch: number,
    target: number,
  ): void;
  splitPlanes(source: number, target: number, pixels: number): void;
  sampleRow4: SampleRow;
  sampleRow6: SampleRow;
  sampleRow8: SampleRow;
  sampleRow10: SampleRow;
}

export interface Workspace<Sizes extends readonly number[]> {
  readonly kernels: KernelExports;
  readonly memory: Uint8Array; // all of it; a view that the next `workspace` may detach
  readonly at: { readonly [Region in keyof Sizes]: number }; // where the asked-for regions begin
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

/**
 * Regions of at least the given numbers of bytes, which hold whatever the last call left there.
 * @throws RangeError when 4 GiB are not enough, or the system has no more
 */
export function workspace<Sizes extends readonly number[]>(...bytes: Sizes): Workspace<Sizes> {
  const kernels = (instance ??= start());
  const at: number[] = [];
  let end = kernels.heapStart();
  for (const length of bytes) {
    end = Math.ceil(end / alignment) * alignment;
    at.push(end);
    end += length + slack;
  }
  const missing = end - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / pageBytes));
  return { kernels, memory: new Uint8Array(kernels.memory.buffer), at: at as Workspace<Sizes>['at'] };
}
