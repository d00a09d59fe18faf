export { biasAct, biasLeakyRelu, type Activation } from './bias-act.js';
export {
  conv2d,
  convDownscale2d,
  dense,
  downscale2d,
  lerp,
  minibatchStddev,
  pixelNorm,
  scaleWeight,
  upscale2d,
  upscaleConv2d,
} from './reference.js';
export * as reference from './reference.js';
