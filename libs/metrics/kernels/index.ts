/** AssemblyScript (npm `assemblyscript`), compiled by tools/kernels/build.mjs: what the WebAssembly module exports. */
export { widen, down, subtractUp } from './pyramid';
export { cutPatches, moments, turn, turnedBytes } from './patches';
export { normaliseRows, projectFloat } from './project-float';
export { packRows, projectInteger } from './project-integer';
export { enterTable, rankDistance, tableBytes, tableDistance } from './transport';
export { multiply, multiplyScratch, pivotedCholesky, tridiagonalise } from './matrix';
export { halveFloats, similarity, similarityScratch, sumAndDifference } from './similarity';
export { sortFloats, sortScratch } from './sort';

/** First free byte: everything from here on belongs to the caller. */
export function heapStart(): usize {
  return __heap_base;
}
