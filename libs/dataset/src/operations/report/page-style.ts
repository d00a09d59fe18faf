/** How the page of a report looks: on a desk and on a phone, light and dark. */

export const reportStyle = `
:root { color-scheme: light dark; --ink: #1c1c1e; --quiet: #5a5f66; --ground: #f6f7f9; --card: #fff; --edge: #dcdfe4;
  --kept: #2f6fd0; --dropped: #d9772b; --limit: #b3261e; --out: #b3261e14; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececee; --quiet: #a6abb3; --ground: #131417; --card: #1d1f23; --edge: #33363c; --kept: #7aa9f7;
    --dropped: #f0a05a; --limit: #ff8a80; --out: #ff8a801a; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 12px; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 1120px; margin: 0 auto; padding: 20px 16px 0; }
main { padding: 0 16px 48px; }
h1 { margin: 0; font-size: 26px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; font-size: 20px; }
h3 { margin: 0; font-size: 16px; overflow-wrap: anywhere; }
h4 { margin: 12px 0 6px; font-size: 13px; font-weight: 600; }
p { margin: 0; }
a { color: inherit; }
code { font: 13px ui-monospace, monospace; color: var(--quiet); overflow-wrap: anywhere; }
.note { color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; }
.note:empty { display: none; }
.name { unicode-bidi: isolate; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 6px 8px; }
nav a { padding: 4px 12px; border: 1px solid var(--edge); border-radius: 99px; background: var(--card); font-size: 14px;
  text-decoration: none; }
nav a:hover { border-color: var(--kept); }
.tally { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 16px 0; }
.tally div { display: flex; flex-direction: column; padding: 10px 14px; background: var(--card);
  border: 1px solid var(--edge); border-radius: 10px; }
.tally b { font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tally span { color: var(--quiet); font-size: 13px; }
section { margin-top: 28px; }
.score, .reason, .pair, figure, section > .scroll, #faces article { background: var(--card);
  border: 1px solid var(--edge); border-radius: 10px; }
.score, .reason { padding: 14px 16px; }
.score { margin-top: 12px; }
.reasons { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.reason.wide { grid-column: 1 / -1; }
summary { cursor: pointer; }
.score summary { margin-top: 10px; font-size: 14px; font-weight: 600; }
.reason h3 { display: grid; grid-template-columns: minmax(0, 11em) auto minmax(0, 1fr); gap: 12px; align-items: center; }
.reason h3 code { color: var(--ink); }
.reason h3 b { text-align: right; font-variant-numeric: tabular-nums; }
.histogram { display: block; margin-top: 10px; border-bottom: 1px solid var(--quiet); overflow: visible; }
.histogram text { fill: var(--limit); font-size: 12px; font-weight: 600; }
svg .kept { fill: var(--kept); }
svg .dropped { fill: var(--dropped); }
svg .out { fill: var(--out); }
svg .limit { stroke: var(--limit); stroke-width: 2; stroke-dasharray: 4 3; }
.axis { display: flex; justify-content: space-between; color: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; }
.key span::before { content: ''; display: inline-block; width: 11px; height: 11px; margin-right: 6px; border-radius: 2px; }
.key .kept::before { background: var(--kept); }
.key .dropped::before { background: var(--dropped); }
.key .limit::before { width: 0; border-left: 2px dashed var(--limit); border-radius: 0; }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px; margin-top: 8px; }
.face { display: flex; flex-direction: column; min-width: 0; font-size: 12px; line-height: 1.4; text-decoration: none; }
.score .cap { font-weight: 600; }
.cap:empty { display: none; }
.face .cap { margin-top: 3px; font-variant-numeric: tabular-nums; overflow: hidden; max-height: 4.2em; overflow-wrap: anywhere; }
.face .name { color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pic { display: flex; width: 100%; aspect-ratio: 1; align-items: center; justify-content: center; padding: 6px;
  background: var(--edge) center / contain no-repeat; border-radius: 8px; color: var(--quiet); font-size: 11px;
  text-align: center; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.pic.none { border: 1px dashed var(--quiet); background: none; }
.face .pic { border-bottom: 3px solid transparent; }
.face.kept .pic { border-bottom-color: var(--kept); }
.face.dropped .pic { border-bottom-color: var(--dropped); }
.face:hover .pic, .face:focus-visible .pic { outline: 2px solid var(--kept); outline-offset: 1px; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); gap: 12px; margin: 8px 0 20px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; padding: 10px; }
.pair .facts { grid-column: 1 / -1; color: var(--quiet); font-size: 12px; }
.frames { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr)); gap: 12px; margin-top: 8px; }
figure { margin: 0; padding: 10px; min-width: 0; }
figure svg { display: block; width: 100%; max-height: 320px; border-radius: 6px; }
figure polygon { fill: transparent; stroke-width: 3; vector-effect: non-scaling-stroke; filter: drop-shadow(0 0 1px #000); }
svg polygon.kept { fill: transparent; stroke: var(--kept); }
svg polygon.dropped { fill: transparent; stroke: var(--dropped); stroke-dasharray: 7 4; }
figcaption { margin-top: 6px; color: var(--quiet); font-size: 12px; }
.scroll { overflow-x: auto; margin-top: 10px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: 7px 14px; text-align: right; font-variant-numeric: tabular-nums; border-bottom: 1px solid var(--edge); }
tr:last-child td { border-bottom: 0; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--quiet); font-weight: 600; }
#faces article { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: 14px; margin-top: 10px; padding: 12px;
  content-visibility: auto; contain-intrinsic-size: auto 130px; }
#faces article:target { border-color: var(--kept); box-shadow: 0 0 0 2px var(--kept); }
#faces h3 { font-size: 14px; unicode-bidi: isolate; }
#faces p { font-size: 13px; color: var(--quiet); }
.mark { font-weight: 600; }
.kept .mark { color: var(--kept); }
.dropped .mark { color: var(--dropped); }
dl { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 6px 0 0; font-size: 12px; }
dl div { display: flex; gap: 6px; min-width: 0; }
dt { color: var(--quiet); flex-shrink: 0; max-width: 12em; overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; font-variant-numeric: tabular-nums; }
@media (max-width: 560px) {
  .strip { grid-template-columns: repeat(auto-fill, minmax(86px, 1fr)); }
  .reasons { grid-template-columns: minmax(0, 1fr); }
  .reason h3 { grid-template-columns: minmax(0, 1fr) auto; }
  .reason h3 svg { grid-column: 1 / -1; }
  #faces article { grid-template-columns: 72px minmax(0, 1fr); }
}
`;
