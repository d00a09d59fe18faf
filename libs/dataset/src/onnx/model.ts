/** An ONNX model in memory and its session. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { DatasetError } from '../errors.js';
import { readPlain } from '../records/plain-file.js';
import { firstLine, loadOnnxRuntime } from './runtime.js';

/** Protobuf's own limit; larger models keep their weights in other files, which are not read. */
const largestModel = 2 ** 31 - 1;

/** A file and what it is for, as messages name it. */
export interface ModelFile {
  readonly path: string;
  readonly what: string; // such as 'enhancer'
  readonly option: string; // such as '--enhancer'
}

/** Shape of an input or output; null: free, or not known before a run. */
export type Shape = readonly (number | null)[];

export interface Port {
  readonly name: string;
  readonly type: string; // of its elements
  readonly shape: Shape;
}

/** Results are the same for any number of workers: each has one thread, and sums keep their order. */
const sessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4, // what matters comes as an error
  // Both keep memory for every size of picture that ever came.
  enableMemPattern: false,
  enableCpuMemArena: false,
} as const satisfies InferenceSession.SessionOptions;

/** @throws DatasetError `model-missing` */
export async function readModel({ path, what, option }: ModelFile): Promise<Buffer> {
  return readPlain(path, largestModel).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new DatasetError(
      'model-missing',
      `${path}: cannot be read as ${what} model: ${why}. Expected an ONNX file (${option})`,
      { cause },
    );
  });
}

export class OnnxModel {
  private constructor(
    readonly file: ModelFile,
    readonly bytes: Buffer,
    private readonly session: InferenceSession,
  ) {}

  /** @throws DatasetError `model-missing`, `model-invalid`, `runtime-missing` */
  static async open(file: ModelFile): Promise<OnnxModel> {
    const bytes = await readModel(file);
    const { InferenceSession } = loadOnnxRuntime();
    try {
      return new OnnxModel(file, bytes, await InferenceSession.create(bytes, sessionOptions));
    } catch (cause) {
      throw new DatasetError(
        'model-invalid',
        `${file.path} (${bytes.length} bytes): expected an ONNX model as ${file.what} (${file.option}), ` +
          `got what ONNX Runtime refuses: ${firstLine(cause)}`,
        { cause },
      );
    }
  }

  get inputs(): readonly Port[] {
    return this.session.inputMetadata.map(port);
  }

  get outputs(): readonly Port[] {
    return this.session.outputMetadata.map(port);
  }

  /**
   * Outputs by name, of a float32 tensor for the only input.
   * @throws DatasetError `model-invalid` when the model fails on it
   */
  async run(data: Float32Array, dims: readonly number[]): Promise<Readonly<Record<string, Tensor>>> {
    const { Tensor } = loadOnnxRuntime();
    try {
      return await this.session.run({ [this.session.inputNames[0]!]: new Tensor('float32', data, dims) });
    } catch (cause) {
      throw this.fault(`it fails on an input of ${dims.join('x')}: ${firstLine(cause)}`, cause);
    }
  }

  /** `what` is wrong with the model. */
  fault(what: string, cause?: unknown): DatasetError {
    const { path, option, what: use } = this.file;
    return new DatasetError('model-invalid', `${path}: is no ${use} for ${option}: ${what}`, { cause });
  }

  /** Free the model. It cannot be run afterwards. */
  async close(): Promise<void> {
    await this.session.release();
  }
}

function port(metadata: InferenceSession.ValueMetadata): Port {
  const { name } = metadata;
  if (!metadata.isTensor) return { name, type: 'no tensor', shape: [] };
  const shape = metadata.shape.map((side) => (typeof side === 'number' && side > 0 ? side : null));
  return { name, type: metadata.type, shape };
}

/** `[1, 3, ?, ?] of float32`, for messages. */
export function shown({ type, shape }: Pick<Port, 'type' | 'shape'>): string {
  return `[${shape.map((side) => side ?? '?').join(', ')}] of ${type}`;
}
