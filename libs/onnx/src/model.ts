/** An ONNX model in memory and its session. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { readPlainFile } from '@pggan/files';
import type { MakeFault } from './fault.js';
import { firstLine, loadOnnxRuntime } from './runtime.js';

/** Protobuf's own limit; larger models keep their weights in other files, which are not read. */
const largestModel = 2 ** 31 - 1;

/** A file and what it is for, as messages name it. */
export interface ModelFile {
  readonly path: string;
  readonly what: string; // such as 'enhancer'
  readonly option: string; // such as '--enhancer'
  readonly fault: MakeFault; // of what is wrong with it
}

/** Shape of an input or output; null: free, or not known before a run. */
export type Shape = readonly (number | null)[];

export interface Port {
  readonly name: string;
  readonly type: string; // of its elements
  readonly shape: Shape;
}

export interface ModelOptions {
  readonly threads?: number | undefined; // for one operation; default 1
}

const sessionOptions = {
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4, // what matters comes as an error
  // Both keep memory for every size of picture that ever came.
  enableMemPattern: false,
  enableCpuMemArena: false,
} as const satisfies InferenceSession.SessionOptions;

/** @throws `model-missing` */
export async function readModel({ path, what, option, fault }: ModelFile): Promise<Buffer> {
  return readPlainFile(path, largestModel).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw fault(
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

  /**
   * With one thread results are the same wherever it runs beside others: sums keep their order.
   * @throws `model-missing`, `model-invalid`, `runtime-missing`
   */
  static async open(file: ModelFile, options: ModelOptions = {}): Promise<OnnxModel> {
    return OnnxModel.of(file, await readModel(file), options);
  }

  /** Of bytes that were read from `file` already. @throws `model-invalid`, `runtime-missing` */
  static async of(file: ModelFile, bytes: Buffer, { threads = 1 }: ModelOptions = {}): Promise<OnnxModel> {
    const { InferenceSession } = loadOnnxRuntime(file.fault);
    try {
      const session = await InferenceSession.create(bytes, { ...sessionOptions, intraOpNumThreads: threads });
      return new OnnxModel(file, bytes, session);
    } catch (cause) {
      throw file.fault(
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
   * Outputs by name, of a float32 tensor for the only input. `names`: those that are wanted; default all.
   * @throws `model-invalid` when the model fails on it
   */
  async run(
    data: Float32Array,
    dims: readonly number[],
    names: readonly string[] = this.session.outputNames,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const { Tensor } = loadOnnxRuntime(this.file.fault);
    const feeds = { [this.session.inputNames[0]!]: new Tensor('float32', data, dims) };
    try {
      return await this.session.run(feeds, [...names]);
    } catch (cause) {
      throw this.fault(`it fails on an input of ${dims.join('x')}: ${firstLine(cause)}`, cause);
    }
  }

  /** `what` is wrong with the model. */
  fault(what: string, cause?: unknown): Error {
    const { path, option, what: use, fault } = this.file;
    return fault('model-invalid', `${path}: is no ${use} for ${option}: ${what}`, { cause });
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
