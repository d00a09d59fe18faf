/**
 * Modes of stacked images (facts 6): each channel shows something of a known class, and a combination of classes is a
 * mode. Three digits as red, green and blue have 1000.
 */
import { MetricsError } from '../errors.js';
import { wholeNumber } from '../options.js';

export interface ModeKind {
  readonly classes: number; // that a channel can show
  readonly channels: 1 | 3;
}

export interface ModeCount {
  readonly images: number;
  readonly bins: number; // modes there can be: classes ^ channels
  readonly modes: number; // bins that are not empty
  /** Σ p ln(p bins) over the bins that are not empty: 0 when all are equally full, ln(bins) when there is one mode. */
  readonly divergence: number;
}

/** Of three channels, the counters then take 64 MiB. */
const mostClasses = 256;

/** Counts images one after the other; holds nothing but a number per mode. */
export class ModeCounter {
  readonly #counts: Uint32Array;
  readonly #classes: number;
  readonly #channels: number;
  #images = 0;

  /** @throws MetricsError `option-invalid` */
  constructor({ classes, channels }: ModeKind) {
    if (channels !== 1 && channels !== 3)
      throw new MetricsError('option-invalid', `channels: expected 1 or 3, got ${String(channels)}`);
    wholeNumber('classes', classes, 2, mostClasses);
    this.#classes = classes;
    this.#channels = channels;
    this.#counts = new Uint32Array(classes ** channels);
  }

  get images(): number {
    return this.#images;
  }

  /**
   * `classes`: [image, channel]; red, green and blue become the bin r + classes g + classes² b.
   * @throws MetricsError `features-invalid` for a length that does not fit, or a class there is not
   */
  add(classes: ArrayLike<number>): void {
    const channels = this.#channels;
    if (classes.length % channels !== 0)
      throw new MetricsError(
        'features-invalid',
        `modes: ${classes.length} classes are no whole number of images with ${channels} channels`,
      );
    for (let at = 0; at < classes.length; at++) {
      const value = classes[at]!;
      if (!Number.isInteger(value) || value < 0 || value >= this.#classes)
        throw new MetricsError(
          'features-invalid',
          `modes: expected classes 0…${this.#classes - 1}, got ${value} for channel ${at % channels} of image ${Math.floor(at / channels)}`,
        );
    }
    for (let first = 0; first < classes.length; first += channels) {
      let bin = 0;
      for (let channel = channels - 1; channel >= 0; channel--)
        bin = bin * this.#classes + classes[first + channel]!;
      this.#counts[bin]!++;
      this.#images++;
    }
  }

  /** How many images each bin has; a copy. */
  counts(): Uint32Array {
    return this.#counts.slice();
  }

  /** @throws MetricsError `too-few` of no images */
  count(): ModeCount {
    const images = this.#images;
    if (images === 0) throw new MetricsError('too-few', 'modes: expected at least one image, got none');
    const bins = this.#counts.length;
    let modes = 0;
    let divergence = 0;
    for (const count of this.#counts) {
      if (count === 0) continue;
      const p = count / images;
      modes++;
      divergence += p * Math.log(p * bins);
    }
    return { images, bins, modes, divergence };
  }
}
