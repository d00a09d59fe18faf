/** Labels of a whole data set. */
export interface LabelRows {
  readonly components: number;
  /** [images, components]. */
  readonly data: Float32Array;
}

/** Images with their labels, [minibatch, components]; null when there are none. */
export interface LabelledImages {
  readonly images: Uint8Array;
  readonly labels: Float32Array | null;
}

/** Where real images come from: anything that fits, the data set package's reader for one. */
export interface ImageReader {
  /** Larger side of the largest images in pixels. */
  readonly resolution: number;
  /** Size of the largest images; absent = square. */
  readonly width?: number;
  readonly height?: number;
  /** All labels, to draw from; absent or null = none. */
  readonly labels?: LabelRows | null;
  /** 1 gray or 3 RGB. */
  readonly channels: number;
  /** Images in the set. */
  readonly count: number;
  /**
   * The next images, without end.
   * @param level log2 of the wanted side; 2 is the smallest size, each further one twice the size
   * @param minibatch images wanted
   * @returns bytes [minibatch, channels, height, width]
   */
  next(level: number, minibatch: number): Promise<Uint8Array>;
  /** The same with labels; conditional networks need it. */
  nextBatch?(level: number, minibatch: number): Promise<LabelledImages>;
  /** Where the reader stands, as JSON. */
  state(): unknown;
  /** Continues from a former {@link state}. */
  restore(state: unknown): void;
}
