/** Bars and small histograms of text: block characters where they can be shown, plain ASCII elsewhere. */

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const heights = '▁▂▃▄▅▆▇█';
const shades = '.:-=+*#@';

export interface Blocks {
  /** A bar of at most `width` characters for a share of 0…1; something for all that is not 0. */
  bar(share: number, width: number): string;
  /** One character per number, the largest the highest. */
  profile(values: readonly number[]): string;
}

const unicode: Blocks = {
  bar(share, width) {
    const length = share > 0 ? Math.max(1, Math.round(share * width * 8)) : 0;
    return '█'.repeat(length >> 3) + eighths[length & 7]!;
  },
  profile: (values) => profile(values, heights),
};

const ascii: Blocks = {
  bar: (share, width) => '#'.repeat(share > 0 ? Math.max(1, Math.round(share * width)) : 0),
  profile: (values) => profile(values, shades),
};

function profile(values: readonly number[], characters: string): string {
  const largest = Math.max(...values);
  const draw = (value: number) =>
    value === 0 ? ' ' : characters[Math.min(7, Math.floor((value / largest) * 8))]!;
  return values.map(draw).join('');
}

/** Blocks for a terminal whose locale is UTF-8. */
export function blocksFor(stream: NodeJS.WriteStream, environment = process.env): Blocks {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return stream.isTTY && /utf-?8/i.test(locale) ? unicode : ascii;
}
