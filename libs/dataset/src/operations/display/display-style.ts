/** How the page of `display` looks: as many columns as fit, at least three on a phone; light and dark. */

/** Images are shown between these widths, pixels. */
const [narrowest, widest] = [88, 168];

/** `width`, `height`: of the images. */
export function pageStyle(width: number, height: number): string {
  const cell = Math.min(widest, Math.max(narrowest, width));
  // Enlarged pixels are shown as they are; reduced ones are smoothed.
  const grid = width <= cell ? 'pixelated' : 'auto';
  const enlarged = Math.max(width, height) <= 256 ? 'pixelated' : 'auto';
  return `
:root { color-scheme: light dark; --ink: #1c1c1e; --quiet: #5f6368; --ground: #fafafa; --card: #fff; --edge: #d5d7db;
  --mark: #1a5fd0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececee; --quiet: #a2a6ad; --ground: #16171a; --card: #202226; --edge: #3a3d43; --mark: #8ab4ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header { position: sticky; top: 0; z-index: 1; padding: 10px 16px; background: var(--ground);
  border-bottom: 1px solid var(--edge); }
h1 { margin: 0; font-size: 19px; overflow-wrap: anywhere; }
header p { margin: 0; color: var(--quiet); overflow-wrap: anywhere; }
header nav { display: none; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin-top: 8px; }
.script header nav { display: flex; }
.turn { display: inline-flex; gap: 8px; align-items: center; margin-left: auto; }
output { min-width: 9em; text-align: center; color: var(--quiet); font-variant-numeric: tabular-nums; }
select, nav button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge);
  border-radius: 6px; padding: 6px 12px; min-height: 36px; max-width: 60vw; }
nav button:disabled { opacity: 0.4; }
button:focus-visible, select:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px; }
main { padding: 16px; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 10px;
  grid-template-columns: repeat(auto-fill, minmax(min(${cell}px, 27vw), 1fr)); }
li { min-width: 0; }
li[hidden] { display: none; }
li button { display: flex; flex-direction: column; width: 100%; height: 100%; padding: 0 0 4px;
  cursor: zoom-in; font: inherit; font-size: 12px; line-height: 1.5; color: inherit; text-align: left;
  background: var(--card); border: 1px solid var(--edge); border-radius: 6px; overflow: hidden; }
li button:hover { border-color: var(--mark); }
li img { display: block; width: 100%; height: auto; aspect-ratio: ${width} / ${height}; image-rendering: ${grid}; }
.caption { display: flex; gap: 6px; width: 100%; padding: 0 6px; }
.record { color: var(--quiet); font-variant-numeric: tabular-nums; }
.name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
dialog { border: 1px solid var(--edge); border-radius: 10px; padding: 12px; background: var(--card); color: var(--ink);
  max-width: 96vw; max-height: 96vh; }
dialog::backdrop { background: rgb(0 0 0 / 0.65); }
dialog img { display: block; margin: auto; width: min(88vw, calc(70vh * ${width} / ${height}), 1024px); height: auto;
  aspect-ratio: ${width} / ${height}; image-rendering: ${enlarged}; }
dialog p { margin: 8px auto; max-width: min(88vw, 60em); overflow-wrap: anywhere; }
dialog nav { display: flex; justify-content: space-between; }
`;
}
