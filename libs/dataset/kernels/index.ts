/** AssemblyScript (npm `assemblyscript`), compiled by tools/kernels/build.mjs: what the WebAssembly module exports. */
export { convertRows } from './jpeg-colour';
export { decodeScan, unstuff } from './jpeg-scan';
export { resampleRows, resampleColumns } from './lanczos';
export { halve8, halve16, halve32 } from './levels';
export { luma, halveLuma } from './luma';
export { splitPlanes } from './planes';
export { sampleRow4, sampleRow6, sampleRow8, sampleRow10 } from './sample';

/** First free byte: everything from here on belongs to the caller. */
export function heapStart(): usize {
  return __heap_base;
}
