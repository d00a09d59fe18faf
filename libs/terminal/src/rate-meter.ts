interface Sample {
  readonly at: number;
  readonly done: number;
}

/** Rate over the last `window` seconds, so that time left follows a job that slows down as it grows. */
export class RateMeter {
  readonly #window: number;
  readonly #samples: Sample[] = [];

  constructor(window = 20) {
    this.#window = window;
  }

  /** Adds a position (seconds, units) and returns units per second, or undefined until time has passed. */
  add(at: number, done: number): number | undefined {
    const samples = this.#samples;
    const first = samples[0];
    if (first && done < first.done) samples.length = 0;
    samples.push({ at, done });
    // The oldest sample stays until a newer one is already outside the window.
    while (samples.length > 2 && at - samples[1]!.at >= this.#window) samples.shift();
    const oldest = samples[0]!;
    return at > oldest.at ? (done - oldest.done) / (at - oldest.at) : undefined;
  }
}
