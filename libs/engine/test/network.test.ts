import { beforeEach, describe, expect, it } from 'vitest';
import { availableBackends, loadNetwork, startEngine, tf } from '../src/index.js';

const float = { type: 'DT_FLOAT' };
const shape = (...sides: number[]) => ({ dim: sides.map((side) => ({ size: String(side) })) });

/** The square of twice the input. */
const graph = {
  format: 'graph-model',
  signature: {
    inputs: { numbers: { name: 'numbers:0', dtype: 'DT_FLOAT', tensorShape: shape(-1, 2) } },
    outputs: { result: { name: 'square:0', dtype: 'DT_FLOAT', tensorShape: shape(-1, 2) } },
  },
  modelTopology: {
    node: [
      { name: 'numbers', op: 'Placeholder', attr: { dtype: float, shape: { shape: shape(-1, 2) } } },
      { name: 'factor', op: 'Const', attr: { dtype: float, shape: { shape: shape(1) } } },
      { name: 'product', op: 'Mul', input: ['numbers', 'factor'], attr: { T: float } },
      { name: 'square', op: 'Square', input: ['product'], attr: { T: float } },
    ],
    library: {},
    versions: { producer: 1882 },
  },
  weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'factor', shape: [1], dtype: 'float32' }] }],
};
const weights = new Uint8Array(Float32Array.of(2).buffer);

describe.each(await availableBackends())('a network on %s', (backend) => {
  beforeEach(() => startEngine({ backend }));

  it('gives outputs and nodes between by name, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const network = await loadNetwork({ json: graph, weights });
    expect(network.inputs).toEqual([{ name: 'numbers', dtype: 'float32', shape: [null, 2] }]);
    expect(network.outputs).toEqual(['result', 'numbers', 'factor', 'product', 'square']);
    const [result, product] = await network.run(Float32Array.of(1, 2, 3, 4), [2, 2], ['result', 'product']);
    expect(result).toEqual({ data: Float32Array.of(4, 16, 36, 64), dims: [2, 2] });
    expect(product).toEqual({ data: Float32Array.of(2, 4, 6, 8), dims: [2, 2] });
    await expect(network.run(Float32Array.of(1, 2, 3), [1, 3], ['result'])).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('fails on an input of 1x3'),
    });
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that does not load is refused', async () => {
    const json = { format: 'layers-model', modelTopology: {}, weightsManifest: [] };
    await expect(loadNetwork({ json, weights })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('does not load the model'),
    });
  });
});
