export { dense, lerp, scaleWeight } from './arithmetic.js';
export { biasAct, biasLeakyRelu, type Activation } from './bias-act.js';
export { conv2d, convDownscale2d, upscaleConv2d } from './conv.js';
export { minibatchStddev } from './minibatch-stddev.js';
export { pixelNorm } from './pixel-norm.js';
export { downscale2d, upscale2d } from './resample.js';
export { exp, tanh } from './smooth.js';
export * as reference from './reference.js';
