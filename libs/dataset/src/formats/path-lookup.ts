/** Files that tell something of pictures name these by path: those of the source, '/' between folders. */

export function normalisedPath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(\.\/+)+/, '');
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** How the paths of a file and those of pictures go together. */
export interface Coverage {
  readonly listed: number; // paths in the file
  readonly matched: number; // of these: of a picture
  readonly pictures: number;
  readonly found: number; // pictures that the file has something for
  readonly unmatched: string | null; // one of no picture, if possible of the same name as one
}

/** Paths that a file has, without what it has for them. */
export interface ListedPaths {
  readonly file: string;
  /** `paths`: of all pictures. */
  coverage(paths: Iterable<string>): Coverage;
}

/** What a file has for pictures. When it has names without folders only, these fit pictures in any folder. */
export class PathTable<T> implements ListedPaths {
  readonly #bare: boolean;
  readonly #meant = new Map<string, string>();

  /** `ambiguous`: the error for a name without folders that is asked for with two paths. */
  constructor(
    readonly file: string,
    private readonly byPath: ReadonlyMap<string, T>, // normalised
    private readonly ambiguous: (entry: T, path: string, other: string) => Error,
  ) {
    this.#bare = [...byPath.keys()].every((path) => !path.includes('/'));
  }

  /** @throws what `ambiguous` makes */
  find(path: string): T | undefined {
    if (!this.#bare) return this.byPath.get(path);
    const name = nameOf(path);
    const entry = this.byPath.get(name);
    if (entry === undefined) return undefined;
    const other = this.#meant.get(name) ?? path;
    this.#meant.set(name, path);
    if (other === path) return entry;
    throw this.ambiguous(entry, path, other);
  }

  /** Never throws: a name that two pictures have is told when it is looked up. */
  coverage(paths: Iterable<string>): Coverage {
    const [matched, names] = [new Set<string>(), new Set<string>()];
    let [pictures, found] = [0, 0];
    for (const path of paths) {
      pictures++;
      const name = nameOf(path);
      names.add(name);
      const key = this.#bare ? name : path;
      if (!this.byPath.has(key)) continue;
      matched.add(key);
      found++;
    }
    const unmatched = [...this.byPath.keys()].filter((path) => !matched.has(path));
    return {
      listed: this.byPath.size,
      matched: matched.size,
      pictures,
      found,
      unmatched: unmatched.find((path) => names.has(nameOf(path))) ?? unmatched[0] ?? null,
    };
  }
}
