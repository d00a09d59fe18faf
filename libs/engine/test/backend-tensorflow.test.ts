/** TensorFlow in processes of their own: what is set before it loads, what it prints, what it computes. */
import { describe, expect, it } from 'vitest';
import { availableBackends } from '../src/backend/available.js';
import { runChild } from './helpers/child.js';

const available = (await availableBackends()).includes('tensorflow');
const quietEnv = {
  TF_CPP_MIN_LOG_LEVEL: undefined,
  TF_NUM_INTEROP_THREADS: undefined,
  TF_NUM_INTRAOP_THREADS: undefined,
};

describe.skipIf(!available)('tensorflow (needs it in the cache; run `nx run engine:provision`)', () => {
  it('is what auto takes; it starts without a word, computes, and leaves node_modules alone', async () => {
    const program = `
      import { createRequire } from 'node:module';
      import { existsSync } from 'node:fs';
      import { startEngine } from 'src/backend/start.ts';
      import * as tf from 'src/tf.ts';
      const info = await startEngine({ threads: 1 });
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const convolved = tf.conv2d(x, tf.ones([2, 2, 1, 1]), 1, 'valid').dataSync()[0];
      const same = x instanceof tf.Tensor && tf.getBackend();
      const library = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json');
      const written = ['../lib', '../deps'].some((name) => existsSync(new URL(name, 'file://' + library)));
      const { TF_NUM_INTEROP_THREADS: inter, TF_NUM_INTRAOP_THREADS: intra } = process.env;
      console.log(JSON.stringify({ info, convolved, same, written, inter, intra }));
    `;
    const { stdout, stderr, code } = await runChild(program, quietEnv).finished;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      info: { backend: 'tensorflow', threads: 1, tensorflowVersion: '2.21.0' },
      convolved: 10,
      same: 'tensorflow',
      written: false,
      inter: '1',
      intra: '1',
    });
  });

  it('can share a process with the other backends, in any order', async () => {
    const program = `
      import { startEngine } from 'src/backend/start.ts';
      import * as tf from 'src/tf.ts';
      const results = [];
      for (const backend of ['wasm', 'tensorflow', 'cpu', 'tensorflow', 'wasm']) {
        await startEngine({ backend });
        results.push(tf.getBackend(), tf.tensor([3]).square().dataSync()[0]);
      }
      console.log(results.join());
    `;
    const { stdout, stderr } = await runChild(program, quietEnv).finished;
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe('wasm,9,tensorflow,9,cpu,9,tensorflow,9,wasm,9');
  });

  it('is measured by the doctor in about the time it is given', async () => {
    const program = `
      import { speedCheck } from 'src/doctor/speed.ts';
      import * as tf from 'src/tf.ts';
      const report = await speedCheck('tensorflow', 0.2);
      console.log(JSON.stringify({ report, tensors: tf.memory().numTensors }));
    `;
    const { stdout, stderr } = await runChild(program, quietEnv).finished;
    expect(stderr).toBe('');
    const { report, tensors } = JSON.parse(stdout) as { report: Record<string, number>; tensors: number };
    for (const key of ['forward', 'inputGradient', 'filterGradient', 'matmul']) {
      expect(report[key], key).toBeGreaterThan(0.1); // billions a second
    }
    expect(tensors).toBe(0);
  });
});
