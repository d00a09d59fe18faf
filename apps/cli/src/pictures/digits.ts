/** Numbers inside pictures, without a font: a machine may have none. */

/** Rows of three pixels, 4 = left, 1 = right. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 2, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  '.': [0, 0, 0, 0, 2],
};

/** Pixels from the top of a digit to its bottom. */
export const digitHeight = 5;

/** Calls `dot` for every pixel of a text of digits and points whose top left corner is the origin. */
export function drawDigits(text: string, dot: (x: number, y: number) => void): void {
  for (const [i, character] of [...text].entries()) {
    (glyphs[character] ?? []).forEach((row, y) => {
      for (let x = 0; x < 3; x++) if (row & (4 >> x)) dot(4 * i + x, y);
    });
  }
}
