/** Names from files, for people. */

const longest = 30;

/** Short, and without anything that moves a terminal's cursor. */
export function shownName(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
  return plain.length > longest ? `${plain.slice(0, longest - 1)}~` : plain;
}
