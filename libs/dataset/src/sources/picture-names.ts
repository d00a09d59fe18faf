/** Which files and members of archives are taken for pictures, and under which name. */

/** Whether they really are pictures is seen when they are decoded. A drawing (SVG) is no photograph. */
const pictureName =
  /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|avif|heic|heif|hif|jp2|j2k|jxl|ppm|pgm|pbm|pnm|bmp)$/i;
const archiveName = /\.(zip|tar|tar\.gz|tgz)$/i;

/** For messages about a place without pictures. */
export const expectedPictures = '.jpg, .png, .webp, .tif, …';

/** Larger files are no photographs, and several of them are in memory at a time. */
export const largestPicture = 512 * 2 ** 20;

export function isPictureName(name: string): boolean {
  return pictureName.test(name);
}

export function isArchiveName(name: string): boolean {
  return archiveName.test(name);
}

/** Order of paths in every source: code unit by code unit, the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Name of an archive's member as a clean relative path, without '.' and empty parts; undefined for one that
 * points out of the archive or means different places on different systems: absolute, with '..', a drive,
 * a backslash or a zero character.
 */
export function memberPath(name: string): string | undefined {
  if (/^\/|^[a-z]:|[\\\0]/i.test(name)) return undefined;
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts.join('/');
}

/** Whether a file or a folder of the path is hidden. */
export function isHidden(path: string): boolean {
  return /(^|\/)\./.test(path);
}
