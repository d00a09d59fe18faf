/** Files that tell something of pictures name these by path: those of the source, '/' between folders. */

export function normalisedPath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(\.\/+)+/, '');
}

/**
 * Finds what a file has for a picture. A file that has names without folders only fits pictures in any folder.
 * @throws what `ambiguous` makes, when such a name is asked for with two paths
 */
export function pathLookup<T>(
  byPath: ReadonlyMap<string, T>, // normalised
  ambiguous: (entry: T, path: string, other: string) => Error,
): (path: string) => T | undefined {
  const bare = [...byPath.keys()].every((path) => !path.includes('/'));
  if (!bare) return (path) => byPath.get(path);
  const meant = new Map<string, string>();
  return (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const entry = byPath.get(name);
    if (entry === undefined) return undefined;
    const other = meant.get(name) ?? path;
    meant.set(name, path);
    if (other === path) return entry;
    throw ambiguous(entry, path, other);
  };
}
