/**
 * What the engine's choices are worth on this machine:
 *
 *     node --import tsx --conditions=@pggan/source tools/bench/ops.mts [backend ...]
 *
 * Each pair is measured alternately in one process after a warm-up, so that a busy machine slows
 * both; printed are the fastest of the samples and their ratio. Absolute times mean little on a
 * shared machine, ratios a good deal.
 */
import {
  availableBackends,
  type BackendName,
  compile,
  conv2d,
  convDownscale2d,
  biasLeakyRelu,
  downscale2d,
  pixelNorm,
  reference,
  startEngine,
  tf,
  upscale2d,
  upscaleConv2d,
} from '@pggan/engine';
import { machine } from './measure.mjs';

const SAMPLES = 6;

type Work = () => tf.Tensor;

/** Fastest of SAMPLES, in ms, of both, taken in turns. */
function compare(ours: Work, other: Work): [number, number] {
  const best: [number, number] = [Infinity, Infinity];
  const time = (work: Work): number => {
    const start = performance.now();
    const out = tf.tidy(() => tf.slice(tf.reshape(work(), [-1]), 0, 1));
    out.dataSync(); // TensorFlow may run behind; reading makes it finish
    out.dispose();
    return performance.now() - start;
  };
  for (let i = 0; i < SAMPLES + 2; i++) {
    const taken = [time(ours), time(other)] as const;
    if (i < 2) continue;
    best[0] = Math.min(best[0], taken[0]);
    best[1] = Math.min(best[1], taken[1]);
  }
  return best;
}

function report(name: string, ours: Work, other: Work): void {
  const [a, b] = compare(ours, other);
  console.log(
    `  ${name.padEnd(52)} ${a.toFixed(2).padStart(8)} ${b.toFixed(2).padStart(8)}  ${(b / a).toFixed(2)}x`,
  );
}

const normal = (...shape: number[]): tf.Tensor4D => tf.randomNormal(shape) as tf.Tensor4D;

/** The function, its gradients with respect to all inputs, and the gradient of its input gradient. */
function pairs(
  name: string,
  ours: (...x: tf.Tensor[]) => tf.Tensor,
  other: typeof ours,
  ...inputs: tf.Tensor[]
) {
  const all = (f: typeof ours) => () =>
    tf.addN(
      tf
        .grads((...x) => tf.sum(f(...x)))(inputs)
        .map((g) => tf.sum(g)),
    );
  const again = (f: typeof ours) => (): tf.Tensor => {
    const slopes = (...x: tf.Tensor[]) =>
      tf.grad((y) => tf.sum(tf.square(f(y, ...x.slice(1)))))(x[0] as tf.Tensor);
    return tf.addN(
      tf
        .grads((...x) => tf.sum(tf.square(slopes(...x))))(inputs)
        .map((g) => tf.sum(g)),
    );
  };
  report(
    name,
    () => ours(...inputs),
    () => other(...inputs),
  );
  report(`${name}, with gradients`, all(ours), all(other));
  report(`${name}, with second gradients`, again(ours), again(other));
}

function fusedResampling(n: number, side: number, maps: number): void {
  const w = normal(3, 3, maps, maps);
  const op = (f: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor) => f as (...x: tf.Tensor[]) => tf.Tensor;
  console.log(`fused resampling (left) and resample then convolve, batch ${n}, ${maps} maps:`);
  pairs(
    `${side} -> ${2 * side}`,
    op(upscaleConv2d),
    op((x, v) => conv2d(upscale2d(x), v)),
    normal(n, side, side, maps),
    w,
  );
  pairs(
    `${2 * side} -> ${side}`,
    op(convDownscale2d),
    op((x, v) => downscale2d(conv2d(x, v))),
    normal(n, 2 * side, 2 * side, maps),
    w,
  );
}

function fastAndTwin(n: number, side: number, maps: number): void {
  const x = normal(n, side, side, maps);
  const b = tf.randomNormal([maps]);
  const act = (f: typeof biasLeakyRelu) => (y: tf.Tensor, c: tf.Tensor) => f(y, c as tf.Tensor1D);
  console.log(`fast op (left) and its twin, ${side}x${side}, batch ${n}, ${maps} maps:`);
  pairs(
    'bias and leaky ReLU',
    act(biasLeakyRelu) as never,
    act((y, c) => reference.biasAct(y, c, 'lrelu')) as never,
    x,
    b,
  );
  pairs(
    'pixel norm',
    (y) => pixelNorm(y as tf.Tensor),
    (y) => reference.pixelNorm(y as tf.Tensor),
    x,
  );
  pairs(
    'upscale',
    (y) => upscale2d(y as tf.Tensor4D),
    (y) => reference.upscale2d(y as tf.Tensor4D),
    x,
  );
  pairs(
    'downscale',
    (y) => downscale2d(y as tf.Tensor4D),
    (y) => reference.downscale2d(y as tf.Tensor4D),
    x,
  );
}

/** Critic and penalty of three layers, with Adam-like updates: the shape of a step without the model. */
function compiledAndEager(n: number, side: number, maps: number): void {
  type Inputs = { x: tf.Tensor; w: tf.Tensor[]; b: tf.Tensor[] };
  const inputs: Inputs = {
    x: normal(n, side, side, maps),
    w: [0, 1, 2].map(() => tf.mul(normal(3, 3, maps, maps), Math.sqrt(2 / (9 * maps)))),
    b: [0, 1, 2].map(() => tf.zeros([maps])),
  };
  const critic = (x: tf.Tensor, w: tf.Tensor[], b: tf.Tensor[]): tf.Tensor =>
    w.reduce<tf.Tensor>((y, v, i) => {
      const convolve = i === 1 ? convDownscale2d : conv2d;
      return biasLeakyRelu(convolve(y as tf.Tensor4D, v as tf.Tensor4D), b[i] as tf.Tensor1D);
    }, x);
  const step = ({ x, w, b }: Inputs): tf.Tensor => {
    const loss = (...list: tf.Tensor[]): tf.Tensor => {
      const score = (y: tf.Tensor) => tf.sum(critic(y, list.slice(0, 3), list.slice(3)));
      const slopes = tf.grad(score)(x);
      return tf.add(tf.sum(tf.square(slopes)), score(x));
    };
    const all = [...w, ...b];
    const next = tf
      .grads(loss)(all)
      .map((g, i) => tf.sub(all[i] as tf.Tensor, tf.mul(g, 1e-6)));
    return tf.addN(next.map((t) => tf.sum(t)));
  };
  const compiled = compile(step);
  console.log(`a step with penalty, compiled (left) and eager, ${side}x${side}, batch ${n}, ${maps} maps:`);
  report(
    'step',
    () => compiled(inputs),
    () => step(inputs),
  );
  compiled.dispose();
}

const asked = process.argv.slice(2) as BackendName[];
const wanted = asked.length > 0 ? asked : (await availableBackends()).filter((name) => name !== 'cpu');
console.log(`${machine()}; milliseconds`);
for (const backend of wanted) {
  const { reason } = await startEngine({ backend });
  console.log(`\n${reason}`);
  fusedResampling(8, 8, 64);
  if (backend === 'tensorflow') fusedResampling(8, 16, 256);
  fastAndTwin(16, 32, 32);
  compiledAndEager(16, 8, 32);
  compiledAndEager(8, 16, 64);
}
