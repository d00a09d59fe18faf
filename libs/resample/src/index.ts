export {
  filterAxis,
  fixedAxis,
  FRACTION_BITS,
  linearAxis,
  type Axis,
  type FilterName,
  type FixedAxis,
} from './axis.js';
export { PlaneResizer, resizers, type Resizer, type Size } from './resize.js';
