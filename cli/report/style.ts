/** The style sheet of the report: light and dark as the reader's system says, one column on a phone, light on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2127; --soft: #5b6570; --line: #d9dee3; --panel: #f5f7f9; --quiet: #858f99;
  --first: #0072b2; --second: #d55e00; --third: #009e73; --bad: #c0392b; --good: #00734f;
  --class-0: #0072b2; --class-1: #d55e00; --class-2: #009e73; --class-3: #cc79a7;
  --class-4: #b98100; --class-5: #3593cc; --class-6: #7a6a00; --class-7: #6b6b6b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181c; --ink: #e4e8ec; --soft: #9ba6b1; --line: #333b43; --panel: #1c2228; --quiet: #66717c;
    --first: #4fb3ea; --second: #f28b45; --third: #35c79a; --bad: #ff7b6b; --good: #35c79a;
    --class-0: #4fb3ea; --class-1: #f28b45; --class-2: #35c79a; --class-3: #e6a3c8;
    --class-4: #f2bd42; --class-5: #9ad4f5; --class-6: #c9b84a; --class-7: #a9b1b8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line); }
p { margin: .4rem 0; max-width: 46rem; }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--panel); padding: .8rem 1rem; border-radius: 6px; overflow-x: auto; font: .85rem/1.6 ui-monospace, monospace; }
.lead, .note { color: var(--soft); }
.note { font-size: .86rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem; margin: 1.2rem 0; }
.tile { background: var(--panel); border-radius: 8px; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.45rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .86rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.2rem 2rem; align-items: start; }
figure { margin: .6rem 0; min-width: 0; }
figcaption { font-size: .92rem; margin-bottom: .3rem; }
.legend { display: block; font-size: .82rem; color: var(--soft); }
.legend span { margin-right: .9rem; white-space: nowrap; }
.legend i { display: inline-block; width: .75rem; height: .75rem; margin-right: .3rem; border-radius: 2px; vertical-align: -.08rem; }
svg.plot { display: block; width: 100%; max-width: 31rem; height: auto; }
svg.plot text { white-space: pre; }
.scroll {
  overflow-x: auto; margin: .6rem 0; background-color: var(--page); background-repeat: no-repeat;
  background-image: /* a shadow at the side where more is to be scrolled to */
    linear-gradient(to right, var(--page), var(--page)), linear-gradient(to left, var(--page), var(--page)),
    linear-gradient(to right, var(--quiet), transparent), linear-gradient(to left, var(--quiet), transparent);
  background-size: 1.5rem 100%, 1.5rem 100%, .7rem calc(100% - 4px), .7rem calc(100% - 4px);
  background-position: 0 0, 100% 0, 2px 2px, calc(100% - 2px) 2px; /* within what covers it, at every zoom */
  background-attachment: local, local, scroll, scroll;
}
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .8rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead > tr > * { font-weight: 600; border-bottom-width: 2px; white-space: nowrap; }
tbody th { font-weight: inherit; }
tbody:first-child > tr:first-child > * { border-top: 1px solid var(--line); }
.line { white-space: nowrap; }
.left { text-align: left; } .right { text-align: right; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; }
.pictures figure { margin: 0; width: 5rem; text-align: center; font-size: .74rem; color: var(--soft); }
img.pixels { width: 5rem; height: auto; image-rendering: pixelated; display: block; border: 1px solid var(--line); }
td img.pixels { width: 3rem; }
tr:has(img.pixels) > * { vertical-align: middle; }
.figures th, .figures td { padding-right: .5rem; }
.share { width: 3.2rem; margin-top: .32rem; background: var(--panel); }
.share div { height: .7rem; background: var(--first); }
@page { margin: 14mm; }
@media print {
  html { font-size: 80%; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { break-after: avoid; margin-top: 1.4rem; }
  figure, .tile, tr, pre { break-inside: avoid; }
  pre { white-space: pre-wrap; }
  .figures { grid-template-columns: 1fr 1fr; }
  .figures > * { min-width: 0; }
  .scroll { overflow: visible; background: none; }
  table { font-size: 8pt; }
  th, td { padding-right: .5rem; overflow-wrap: break-word; }
  thead > tr > *, .right, .line { white-space: normal; }
  .figures .right { white-space: nowrap; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
