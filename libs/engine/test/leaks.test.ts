/** `tf.memory().numTensors` and TensorFlow's own count stay flat over steps, eager and compiled. */
import { beforeAll, describe, expect, it } from 'vitest';
import { availableBackends, compile, startEngine, tf } from '../src/index.js';
import { type TinyInputs, tinyInputs, type TinyOutputs, tinyStep } from './helpers/tiny-gan.js';

/** Tensors alive on TensorFlow's side, where the backend can tell. */
const native = (): number => {
  const backend = tf.backend() as { getNumOfTFTensors?: () => number };
  return backend.getNumOfTFTensors?.() ?? 0;
};

function run(step: (inputs: TinyInputs) => TinyOutputs, steps: number): number[] {
  let inputs = tinyInputs(4);
  const counts: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { state, dLoss, gLoss } = step(inputs);
    dLoss.dataSync();
    tf.dispose([dLoss, gLoss, inputs.state as unknown as tf.TensorContainer]);
    inputs = { ...inputs, state };
    counts.push(tf.memory().numTensors, native());
  }
  tf.dispose(inputs as unknown as tf.TensorContainer);
  return counts;
}

/** Both counts after every step but the first, which uploads what was only in JavaScript. */
function expectFlat(counts: readonly number[]): void {
  const [tensors, onDevice] = counts.slice(2);
  counts.slice(2).forEach((count, i) => expect(count).toBe(i % 2 === 0 ? tensors : onDevice));
}

describe.each(await availableBackends())('on %s', (backend) => {
  beforeAll(async () => {
    await startEngine({ backend });
  });

  it('leaks no tensor over eager steps', () => {
    const before = tf.memory().numTensors;
    expectFlat(run((inputs) => tf.tidy(() => tinyStep(inputs, { groupSize: 4 }) as never), 3));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaks no tensor over compiled steps, nor a graph after dispose', () => {
    const before = { tensors: tf.memory().numTensors, native: native() };
    const step = compile(tinyStep);
    expectFlat(run((inputs) => step(inputs, { groupSize: 4 }), backend === 'tensorflow' ? 20 : 3));
    step.dispose();
    expect(tf.memory().numTensors).toBe(before.tensors);
    expect(native()).toBe(before.native);
    const graphs = tf.backend() as { getNumOfSavedModels?: () => number };
    expect(graphs.getNumOfSavedModels?.() ?? 0).toBe(0);
  });
});
