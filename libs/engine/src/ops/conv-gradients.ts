/**
 * Closes tfjs's convolution under differentiation. Forward F(x, w), input gradient I(dy, w) and
 * filter gradient W(x, dy) all come from the one trilinear form <F(x, w), dy>, so each one's
 * gradients are the other two. tfjs has those of F and I; that of W, which a second derivative
 * with respect to the filter needs, is missing.
 */
import * as tf from '../tf.js';
import { runKernel } from './kernel.js';

/** What tfjs passes to its three convolution kernels; the shapes only to the two backward ones. */
export interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: 'NHWC';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

tf.registerGradient({
  kernelName: tf.Conv2DBackpropFilter,
  inputsToSave: ['x', 'dy'],
  gradFunc: (ddw, saved, attrs) => {
    const [x, dy] = saved as [tf.Tensor4D, tf.Tensor4D];
    const conv = attrs as unknown as ConvAttrs;
    return {
      x: () =>
        runKernel(tf.Conv2DBackpropInput, { dy, filter: ddw as tf.Tensor }, { ...conv, inputShape: x.shape }),
      dy: () => runKernel(tf.Conv2D, { x, filter: ddw as tf.Tensor }, { ...conv, dilations: 1 }),
    };
  },
});
