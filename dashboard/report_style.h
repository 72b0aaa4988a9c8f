#pragma once

namespace hintd::dashboard {

// The report's look: light or dark as the reader's system is, readable on a phone and on paper.
inline constexpr const char* kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2330; --soft: #5b6576; --rule: #dfe3ea; --panel: #f5f7fa;
  --a: #1f5fbf; --b: #b0570b; --c: #4b7a2b; --bad: #b3261e; --good: #1b7f4b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --ink: #e4e8ef; --soft: #99a4b5; --rule: #2b333f; --panel: #1a2029;
    --a: #7db0ff; --b: #f0a35e; --c: #a3d17e; --bad: #ff8a80; --good: #6fd79f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 960px; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 1.05rem; margin: 0; letter-spacing: .02em; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .5rem; padding-bottom: .3rem;
     border-bottom: 1px solid var(--rule); }
h3 { font-size: .95rem; margin: 1.5rem 0 .25rem; }
p { margin: .4rem 0 .8rem; max-width: 68ch; }
.meta, .note { color: var(--soft); font-size: .87rem; }
.answer { font-size: 1.4rem; line-height: 1.35; margin: 1.1rem 0 1.4rem; font-weight: 600;
          max-width: 40em; }
.warning { border-left: 4px solid var(--bad); padding: .5rem .8rem; background: var(--panel); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: .75rem; }
.tile { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px;
        padding: .7rem .7rem; }
.tile b { display: block; font-size: 1.25rem; line-height: 1.25; font-weight: 650;
          font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile span { display: block; color: var(--soft); font-size: .82rem; line-height: 1.35; }
.wide { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .87rem;
        font-variant-numeric: tabular-nums; }
th, td { padding: .32rem .6rem; text-align: right; white-space: nowrap;
         border-bottom: 1px solid var(--rule); font-weight: 400; }
thead th { color: var(--soft); font-size: .8rem; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th.text, td.text { text-align: left; }
tbody th { font-weight: 550; }
tr.worse td, tr.worse th { color: var(--bad); }
tr.better td, tr.better th { color: var(--good); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 0 2rem; }
.trio { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 0 1rem; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--a); font-size: .9rem; }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: .8rem;
      overflow-x: auto; font-size: .8rem; line-height: 1.4; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--soft); }
svg .band-name, svg .row-name { fill: var(--ink); }
svg .band { fill: var(--panel); }
svg .border, svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .border { stroke-dasharray: 3 3; stroke: var(--soft); }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .series { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .a { stroke: var(--a); }
svg .b { stroke: var(--b); stroke-dasharray: 6 3; }
svg .c { stroke: var(--c); stroke-dasharray: 2 3; }
svg .bar { stroke: var(--a); stroke-width: 3; opacity: .45; }
svg .bar.worse { stroke: var(--bad); opacity: .9; stroke-dasharray: 4 2; }
svg .before { fill: var(--page); stroke: var(--b); stroke-width: 2.2; }
svg .after { fill: var(--a); stroke: var(--a); stroke-width: 2.2; }
svg .best { stroke: var(--c); stroke-width: 2.5; }
@media (max-width: 600px) {
  body { padding: 1.25rem .9rem 3rem; }
  .answer { font-size: 1.15rem; }
}
@media print { body { max-width: none; } details > * { display: block; } }
)css";

}  // namespace hintd::dashboard
