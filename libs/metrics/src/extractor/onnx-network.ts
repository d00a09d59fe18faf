/** ONNX models, run by ONNX Runtime. */
import { basename } from 'node:path';
import { OnnxModel, onnxRuntimeVersion, shown, type MakeFault } from '@pggan/onnx';
import { MetricsError } from '../errors.js';
import type { Network, NetworkOptions, NetworkTensor } from './network.js';

const codes = {
  'model-missing': 'extractor-missing',
  'model-invalid': 'extractor-invalid',
  'runtime-missing': 'runtime-missing',
} as const;

export const onnxFault: MakeFault = (code, message, options) =>
  new MetricsError(codes[code], message, options);

/**
 * `bytes`: of the file at `path`, which `manifestPath` names. `input`: its name, where there are several.
 * @throws MetricsError `extractor-invalid`, `runtime-missing`
 */
export async function openOnnxNetwork(
  path: string,
  bytes: Buffer,
  manifestPath: string,
  input: string | undefined,
  { threads }: NetworkOptions,
): Promise<Network> {
  const file = { path, what: 'feature extractor', option: basename(manifestPath), fault: onnxFault };
  const model = await OnnxModel.of(file, bytes, { threads });
  try {
    const [port, ...more] = model.inputs;
    if (!port || more.length > 0 || port.name !== (input ?? port.name) || port.type !== 'float32')
      throw model.fault(
        `expected one input of float32${input === undefined ? '' : ` called "${input}"`}, got ` +
          (model.inputs.map((one) => `"${one.name}" ${shown(one)}`).join(' and ') || 'none'),
      );
    return {
      runtime: `onnxruntime ${onnxRuntimeVersion(onnxFault)}`,
      inputShape: port.shape,
      outputs: model.outputs.map(({ name }) => name),
      async run(data, dims, names) {
        const results = await model.run(data, dims, names);
        return new Map(names.map((name) => [name, numbersOf(model, name, results[name]!)]));
      },
      close: () => model.close(),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

function numbersOf(
  model: OnnxModel,
  name: string,
  { data, dims, type }: { readonly data: unknown; readonly dims: readonly number[]; readonly type: string },
): NetworkTensor {
  if (data instanceof Float32Array || data instanceof Float64Array) return { data, dims };
  throw model.fault(`output "${name}": expected float32 or float64, got ${shown({ type, shape: dims })}`);
}
