import * as tf from '../tf.js';

/**
 * The (k+1) x (k+1) kernel that fused resampling uses: the sum of w [k,k,a,b] at the offsets (0,0),
 * (0,1), (1,0), (1,1), times `factor` (facts 1.3). One product with a constant matrix, which every
 * backend does fast, rather than four pads and three sums.
 */
export function spreadKernel(w: tf.Tensor4D, factor: number): tf.Tensor4D {
  const [k, , a, b] = w.shape;
  const side = k + 1;
  const spread = tf.matMul(spreadMatrix(k, factor), tf.reshape<tf.Rank.R2>(w, [k * k, a * b]));
  return tf.reshape(spread, [side, side, a, b]);
}

/** [(k+1)^2, k^2]: entry is `factor` where a tap of the wide kernel receives one of the narrow one. */
function spreadMatrix(k: number, factor: number): tf.Tensor2D {
  const side = k + 1;
  const values = new Float32Array(side * side * k * k);
  for (let row = 0; row < side * side; row++) {
    for (let column = 0; column < k * k; column++) {
      const down = Math.floor(row / side) - Math.floor(column / k);
      const right = (row % side) - (column % k);
      const touches = (down === 0 || down === 1) && (right === 0 || right === 1);
      if (touches) values[row * k * k + column] = factor;
    }
  }
  return tf.tensor2d(values, [side * side, k * k]);
}
