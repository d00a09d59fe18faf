/**
 * Where the stage puts pictures and images. Megabytes that are allocated for every picture make the engine collect
 * garbage for a sixth of the time, although there is hardly any.
 */
export interface StageMemory {
  picture(bytes: number): Uint8Array; // a decoded file
  image(bytes: number): Uint8Array; // the stage's result
}

export const newMemory: StageMemory = {
  picture: (bytes) => new Uint8Array(bytes),
  image: (bytes) => new Uint8Array(bytes),
};

/** Memory of a worker: a picture is gone when the next one is decoded; results go into what came back from the last ones. */
export class WorkerMemory implements StageMemory {
  #picture = new Uint8Array(0);
  #spare: Uint8Array | undefined;

  /** Memory of an earlier result that nobody needs any more. */
  give(spare: Uint8Array): void {
    this.#spare = spare;
  }

  picture(bytes: number): Uint8Array {
    if (this.#picture.length < bytes) this.#picture = new Uint8Array(bytes);
    return this.#picture.subarray(0, bytes);
  }

  image(bytes: number): Uint8Array {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare?.length === bytes ? spare : new Uint8Array(bytes);
  }
}
