/** Where real images come from: anything that fits, the data set package's reader for one. */
export interface ImageReader {
  /** Side of the largest images in pixels. */
  readonly resolution: number;
  /** 1 gray or 3 RGB. */
  readonly channels: number;
  /** Images in the set. */
  readonly count: number;
  /**
   * The next images, without end.
   * @param level log2 of the wanted side
   * @param minibatch images wanted
   * @returns bytes [minibatch, channels, side, side]
   */
  next(level: number, minibatch: number): Promise<Uint8Array>;
  /** Where the reader stands, as JSON. */
  state(): unknown;
  /** Continues from a former {@link state}. */
  restore(state: unknown): void;
}
