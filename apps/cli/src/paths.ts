import { relative } from 'node:path';

/** An absolute path relative to the current folder, unless it lies elsewhere. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || short === '' ? path : short;
}
