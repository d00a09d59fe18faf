/** Every way the engine refuses, by a code that scripts and tests may rely on. */
export type EngineErrorCode =
  | 'option-invalid' //            an option has the wrong type or value
  | 'backend-unavailable' //       a backend asked for by name cannot run here
  | 'platform-unsupported' //      no TensorFlow wheel for this operating system and processor
  | 'pip-missing' //               nothing to download the wheel with
  | 'pip-failed' //                pip ran and gave up for a reason of its own
  | 'network-unreachable' //       pip could not reach its package index
  | 'compiler-missing' //          no C++ compiler
  | 'compile-failed' //            the compiler refused the binding
  | 'disk-full' //                 not enough free space for the cache, before or during the work
  | 'cache-unwritable' //          the cache folder cannot be created or written
  | 'wheel-corrupt' //             the downloaded archive is cut, damaged or lacks what is needed
  | 'libtensorflow-invalid' //     the folder given as an existing libtensorflow does not hold one
  | 'package-missing' //           an optional npm package is not installed
  | 'smoke-test-failed' //         the compiled binding does not load or computes a wrong product
  | 'shape-invalid' //            an op was given tensors whose shapes do not fit
  | 'trace-impure' //             a compiled function did what a recorded graph cannot repeat
  | 'model-invalid' //            a TensorFlow.js model that does not load, or fails
  | 'aborted'; //                  the caller's signal was raised

/** What the engine throws. The message says what, where, expected and got, and ends with the remedy. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
