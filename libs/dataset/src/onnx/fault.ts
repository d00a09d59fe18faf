/** What is wrong with a model, as an error of this library. */
import type { MakeFault } from '@pggan/onnx';
import { DatasetError } from '../errors.js';

export const onnxFault: MakeFault = (code, message, options) => new DatasetError(code, message, options);
