import type { tf } from '@pggan/engine';

/** What G is built from; block r works at 2^(r-2) times the base. Tensors are [N, H, W, C]. */
export interface GeneratorLayers {
  /** Latents, with labels behind them, to the features of the base. */
  first(latents: tf.Tensor2D): tf.Tensor4D;
  /** Features of block - 1 to those of `block`, twice the size. */
  grow(x: tf.Tensor4D, block: number): tf.Tensor4D;
  /** Features of a block to an image. */
  toRgb(x: tf.Tensor4D, block: number): tf.Tensor4D;
}

/** What D is built from. */
export interface DiscriminatorLayers {
  /** An image to what `block` takes. */
  fromRgb(images: tf.Tensor4D, block: number): tf.Tensor4D;
  /** What `block` takes to what block - 1 takes, half the size. */
  shrink(x: tf.Tensor4D, block: number): tf.Tensor4D;
  /** What block 2 takes to features [N, F]. */
  features(x: tf.Tensor4D): tf.Tensor2D;
  /** Features to the score and the label logits [N, 1 + labels]. */
  score(features: tf.Tensor2D): tf.Tensor2D;
}
