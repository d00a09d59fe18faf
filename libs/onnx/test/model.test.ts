import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeOnnx } from '@pggan/files';
import { afterAll, describe, expect, it } from 'vitest';
import { loadOnnxRuntime, onnxRuntimeVersion, OnnxModel, shown, type MakeFault } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'pggan-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fault: MakeFault = (code, message, options) => Object.assign(new Error(message, options), { code });

function file(name: string, bytes?: Uint8Array | string) {
  const path = join(folder, name);
  if (bytes !== undefined) writeFileSync(path, bytes);
  return { path, what: 'scale', option: '--scale', fault };
}

const scales = encodeOnnx({
  inputs: [{ name: 'numbers', shape: ['n', 2] }],
  outputs: [
    { name: 'twice', shape: ['n', 2] },
    { name: 'thrice', shape: ['n', 2] },
  ],
  weights: [
    { name: 'two', shape: [1], data: [2] },
    { name: 'three', shape: [1], data: [3] },
  ],
  operators: [
    { op: 'Mul', inputs: ['numbers', 'two'], outputs: ['twice'] },
    { op: 'Mul', inputs: ['numbers', 'three'], outputs: ['thrice'] },
  ],
});

describe('a model', () => {
  it('tells its ports and gives the outputs that are wanted', async () => {
    const model = await OnnxModel.open(file('scales.onnx', scales), { threads: 2 });
    expect(model.inputs).toEqual([{ name: 'numbers', type: 'float32', shape: [null, 2] }]);
    expect(model.outputs.map((port) => `${port.name} ${shown(port)}`)).toEqual([
      'twice [?, 2] of float32',
      'thrice [?, 2] of float32',
    ]);
    const all = await model.run(Float32Array.of(1, 2, 3, 4), [2, 2]);
    expect([...(all['twice']!.data as Float32Array)]).toEqual([2, 4, 6, 8]);
    expect(Object.keys(all)).toEqual(['twice', 'thrice']);
    const one = await model.run(Float32Array.of(1, 2), [1, 2], ['thrice']);
    expect(Object.keys(one)).toEqual(['thrice']);
    await expect(model.run(Float32Array.of(1, 2, 3), [1, 3])).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('is no scale for --scale: it fails on an input of 1x3'),
    });
    await model.close();
  });

  it('that is none is refused', async () => {
    await expect(OnnxModel.open(file('none.onnx'))).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('there is no such file. Expected an ONNX file (--scale)'),
    });
    await expect(OnnxModel.open({ ...file('x'), path: folder })).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('is no plain file'),
    });
    await expect(OnnxModel.open(file('text.onnx', 'text'))).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('text.onnx (4 bytes): expected an ONNX model as scale (--scale)'),
    });
  });
});

describe('the runtime', () => {
  it('has a version', () => {
    expect(onnxRuntimeVersion(fault)).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('that is not installed is named with how to install it', () => {
    expect(() => loadOnnxRuntime(fault, 'onnxruntime-not-installed')).toThrowError(
      expect.objectContaining({
        code: 'runtime-missing',
        message: expect.stringContaining('npm install onnxruntime-node'),
      }),
    );
  });
});
