/** What a thread does with all descriptors of a level and some directions: the distances of both sets along each. */
import { integerSlices, type IntegerSlices } from './integer-slices.js';
import { sortedSlices, type SortedSlices } from './sorted-slices.js';

/** How projections are computed, and with it how they are compared. */
export type SliceTask = SortedSlices | IntegerSlices;

/** Per direction the mean over ranks of |a - b| of the sorted projections. */
export function slices(task: SliceTask): Float64Array {
  return task.kind === 'float32' ? sortedSlices(task) : integerSlices(task);
}
