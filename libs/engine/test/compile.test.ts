/** Recorded and replayed against eager, and everything a recording must refuse or survive. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableBackends, compile, startEngine, tf } from '../src/index.js';
import { leaves, type TensorTree } from '../src/compile/tree.js';
import { relativeError } from './helpers/probe.js';
import { tinyInputs, tinyStep } from './helpers/tiny-gan.js';

const values = (tree: TensorTree): Float32Array[] =>
  leaves(tree).map((leaf) => leaf.dataSync<'float32'>().slice());

/** Largest relative error over all leaves. */
const gap = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  Math.max(...a.map((array, i) => relativeError(array, b[i]!)));

// Folders for graphs are made where TMPDIR points: here it points at a folder of our own.
const scratch = mkdtempSync(join(tmpdir(), 'pggan-compile-test-'));
const ambient = process.env['TMPDIR'];
beforeAll(() => {
  process.env['TMPDIR'] = scratch;
});
afterAll(() => {
  if (ambient === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = ambient;
  rmSync(scratch, { recursive: true });
});

describe.each(await availableBackends())('on %s', (backend) => {
  const graphs = backend === 'tensorflow';

  beforeAll(async () => {
    await startEngine({ backend });
  });

  it('repeats an eager step with a second-order penalty, also from its own output state', () => {
    const step = compile(tinyStep);
    let inputs = tinyInputs(graphs ? 8 : 4);
    for (let i = 0; i < (graphs ? 3 : 1); i++) {
      const eager = tf.tidy(() => tinyStep(inputs, { groupSize: 4 }) as unknown as tf.TensorContainerObject);
      const replayed = step(inputs, { groupSize: 4 });
      // A graph fuses and reorders float32 sums: 2e-6 was seen. Weights start at the scale of 1.
      expect(gap(values(replayed), values(eager as unknown as TensorTree))).toBeLessThan(2e-4);
      tf.dispose(eager);
      inputs = { ...inputs, state: replayed.state };
    }
    expect(step.traces).toBe(graphs ? 1 : 0);
    step.dispose();
  });

  it('gives the same bytes for the same inputs, in one recording and in the next', () => {
    const inputs = tinyInputs(graphs ? 8 : 4);
    const first = compile(tinyStep);
    const expected = values(first(inputs, { groupSize: 4 }));
    for (let i = 0; i < (graphs ? 5 : 1); i++)
      expect(values(first(inputs, { groupSize: 4 }))).toEqual(expected);
    first.dispose();
    const second = compile(tinyStep);
    expect(values(second(inputs, { groupSize: 4 }))).toEqual(expected);
    second.dispose();
  });

  it('records again for other shapes, names and statics, and only then', () => {
    const scale = compile((x: Record<string, tf.Tensor>, { by }: { by: number }) =>
      Object.fromEntries(Object.entries(x).map(([name, value]) => [name, value.mul(by)])),
    );
    const result = (x: Record<string, tf.Tensor>, by: number) =>
      Object.entries(scale(x, { by })).map(([name, value]) => `${name}=${value.dataSync().join()}`);
    expect(result({ a: tf.tensor([1, 2]) }, 2)).toEqual(['a=2,4']);
    expect(result({ a: tf.tensor([3, 4]) }, 2)).toEqual(['a=6,8']);
    expect(scale.traces).toBe(graphs ? 1 : 0);
    expect(result({ a: tf.tensor([1, 2, 3]) }, 2)).toEqual(['a=2,4,6']);
    expect(result({ b: tf.tensor([1, 2]) }, 2)).toEqual(['b=2,4']);
    expect(result({ a: tf.tensor([1, 2]) }, 3)).toEqual(['a=3,6']);
    expect(scale.traces).toBe(graphs ? 4 : 0);
    expect(result({ a: tf.tensor([5, 6]) }, 2)).toEqual(['a=10,12']);
    expect(scale.traces).toBe(graphs ? 4 : 0);
    scale.dispose();
    expect(result({ a: tf.tensor([1, 2]) }, 2)).toEqual(['a=2,4']);
    expect(scale.traces).toBe(graphs ? 5 : 0);
    scale.dispose();
  });

  it('keeps the graphs used last', () => {
    const double = compile((x: tf.Tensor) => x.mul(2), { maxGraphs: 2 });
    const run = (size: number) => double(tf.ones([size])).dataSync().length;
    expect([1, 2, 1, 3, 1, 2].map(run)).toEqual([1, 2, 1, 3, 1, 2]);
    // 1, 2, (1), 3 pushes 2 out, (1), 2 again
    expect(double.traces).toBe(graphs ? 4 : 0);
    double.dispose();
  });

  it('returns inputs, duplicates and constants as tensors of their own', () => {
    const pass = compile(({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => {
      const sum = x.add(y);
      return { x, twice: [sum, sum], constant: tf.tensor([7, 8]), whole: tf.scalar(3, 'int32') };
    });
    const x = tf.tensor([1, 2]);
    const y = tf.tensor([10, 20]);
    for (let i = 0; i < 2; i++) {
      const out = pass({ x, y });
      expect(leaves(out).map((leaf) => [...leaf.dataSync()])).toEqual([
        [7, 8],
        [11, 22],
        [11, 22],
        [3],
        [1, 2],
      ]);
      expect(out.whole.dtype).toBe('int32');
      out.x.dispose();
      (out.twice[0] as tf.Tensor).dispose();
      expect([...(out.twice[1] as tf.Tensor).dataSync()]).toEqual([11, 22]);
      expect([...x.dataSync()]).toEqual([1, 2]);
    }
    pass.dispose();
  });

  it('keeps apart two inputs that were one tensor when it recorded', () => {
    const subtract = compile(([a, b]: [tf.Tensor, tf.Tensor]) => a.sub(b));
    const x = tf.tensor([5]);
    expect(subtract([x, x]).dataSync()[0]).toBe(0);
    expect(subtract([x, x.clone()]).dataSync()[0]).toBe(0);
    expect(subtract([x, tf.tensor([3])]).dataSync()[0]).toBe(2);
    subtract.dispose();
  });

  it('works without inputs and inside another compiled function', () => {
    const ones = compile<TensorTree, tf.Tensor>(() => tf.ones([3]));
    const three = compile((x: tf.Tensor) => x.add(ones([])));
    expect([...ones([]).dataSync()]).toEqual([1, 1, 1]);
    expect([...three(tf.tensor([1, 2, 3])).dataSync()]).toEqual([2, 3, 4]);
    ones.dispose();
    three.dispose();
  });

  it('refuses to be differentiated', () => {
    const square = compile((x: tf.Tensor) => x.square(), { name: 'square' });
    expect(() => tf.grad((x) => square(x))(tf.scalar(2))).toThrow(
      "The compiled function 'square' was called inside tf.grad, which cannot see through a graph. Take the gradient inside the function.",
    );
  });

  it('leaves no files behind', () => {
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe.runIf((await availableBackends()).includes('tensorflow'))('a recording refuses', () => {
  const outer = () => tf.tensor([1, 2, 3]);

  beforeAll(async () => {
    await startEngine({ backend: 'tensorflow' });
  });

  it.each([
    [
      'values read back',
      () =>
        compile(function peek(x: tf.Tensor) {
          return tf.scalar(x.add(1).dataSync()[0]!);
        }),
      "The compiled function 'peek' reads a tensor back into JavaScript. A graph would keep that value for ever: return it as an output.",
    ],
    [
      'an input read back',
      () =>
        compile(function peek(x: tf.Tensor) {
          return tf.scalar(x.dataSync()[0]!);
        }),
      'reads a tensor back into JavaScript',
    ],
    [
      'random numbers',
      () =>
        compile(function noisy(x: tf.Tensor) {
          return x.add(tf.randomNormal([3]));
        }),
      "The compiled function 'noisy' draws random numbers in JavaScript.",
    ],
    [
      'a tensor from outside that was used before',
      () => {
        const weight = outer();
        weight.add(1).dispose();
        return compile((x: tf.Tensor) => x.mul(weight), { name: 'step' });
      },
      "The compiled function 'step' uses a float32 tensor of shape [3] that is neither one of its inputs nor made inside it.",
    ],
    [
      'a tensor from outside that was never used',
      () => {
        const weight = outer();
        return compile((x: tf.Tensor) => x.mul(weight), { name: 'step' });
      },
      'neither one of its inputs nor made inside it',
    ],
    [
      'a tensor from outside as an output',
      () => {
        const weight = outer();
        return compile<tf.Tensor, tf.Tensor>(() => weight, { name: 'step' });
      },
      'neither one of its inputs nor made inside it',
    ],
  ])('%s, and the engine is as before', (_, make, text) => {
    const broken = make();
    const x = outer();
    const tensors = tf.memory().numTensors;
    expect(() => broken(x)).toThrow(expect.objectContaining({ code: 'trace-impure' }));
    expect(() => broken(x)).toThrow(text);
    expect(tf.memory().numTensors).toBe(tensors);
    expect([...tf.add(x, x).dataSync()]).toEqual([2, 4, 6]);
    expect(tf.randomNormal([2]).shape).toEqual([2]);
    expect(compile((y: tf.Tensor) => y.mul(2))(x).dataSync()[2]).toBe(6);
  });

  it('removes its folder when the graph does not load', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pggan-compile-test-'));
    process.env['TMPDIR'] = folder;
    const empty = compile((x: tf.Tensor) =>
      tf
        .tensor(['text'])
        .slice(0, 1)
        .cast('string')
        .concat(x as never),
    );
    expect(() => empty(tf.tensor(['more']))).toThrow();
    expect(readdirSync(folder)).toEqual([]);
    process.env['TMPDIR'] = scratch;
    rmSync(folder, { recursive: true });
  });
});
