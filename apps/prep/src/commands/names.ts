/** Names from files, for people. */
import type { ReplacedDataset } from '@pggan/dataset';

const longest = 30;

/** Short, and without anything that moves a terminal's cursor. */
export function shownName(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
  return plain.length > longest ? `${plain.slice(0, longest - 1)}~` : plain;
}

/** `; replaced the 78 images made from photos (folder)`, or nothing. */
export function replacedText(replaced: ReplacedDataset | null): string {
  return replaced ? `; replaced the ${replaced.images} images there, made from ${replaced.origin}` : '';
}
