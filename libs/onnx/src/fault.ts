/** Stable codes of what can be wrong with a model. */
export type OnnxFaultCode =
  | 'model-missing' // the file cannot be read
  | 'model-invalid' // it is no ONNX model, or fails
  | 'runtime-missing'; // ONNX Runtime is not installed, or does not run on this machine

/** Makes the error that a library's users know from it, of a code and a message for people. */
export type MakeFault = (code: OnnxFaultCode, message: string, options?: ErrorOptions) => Error;
