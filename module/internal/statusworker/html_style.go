// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

// style is how the page looks: light or dark as the browser wishes, rows as cards on narrow screens.
const style literal = `:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --ink: #1d2530; --soft: #5a6573; --line: #dfe3e9; --link: #1f55b5;
  --good: #176c3f; --good-bg: #e3f4ea; --warn: #7d4f00; --warn-bg: #fcf0d4; --bad: #a31d17; --bad-bg: #fce5e3; --off: #47525f; --off-bg: #e6e9ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --card: #1c2229; --ink: #e3e8ee; --soft: #98a4b2; --line: #313a45; --link: #8ab4f8;
    --good: #84d9a8; --good-bg: #17372a; --warn: #f0c674; --warn-bg: #3c3016; --bad: #ff9d94; --bad-bg: #47201e; --off: #b4bfcb; --off-bg: #2d3641;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem; max-width: 118rem; background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--link); }
h1 { font-size: 1.35rem; margin: 0 0 .5rem; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: .8rem; margin: 1.75rem 0 .6rem; font-weight: 650; letter-spacing: .04em; text-transform: uppercase; color: var(--soft); }
h3 { font-size: 1.1rem; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
h1 small, h3 small { font-weight: 400; color: var(--soft); font-size: .85em; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0; }
.facts div { display: flex; gap: .4rem; align-items: baseline; }
.facts dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: .9rem 0 1rem; }
form { margin: 0; }
button, input { font: inherit; font-size: .85rem; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .2rem .55rem; }
input { width: 5rem; }
button { cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--link); color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.tag { display: inline-block; padding: .05rem .5rem; border-radius: 99px; font-size: .8rem; font-weight: 650; white-space: nowrap; }
.tag.good { color: var(--good); background: var(--good-bg); }
.tag.idle { color: var(--good); box-shadow: inset 0 0 0 1px var(--good); }
.tag.warn, .tag.degraded { color: var(--warn); background: var(--warn-bg); }
.tag.bad { color: var(--bad); background: var(--bad-bg); }
.tag.off { color: var(--off); background: var(--off-bg); }
.result { padding: .7rem 1rem; border-radius: 8px; margin: 0 0 1rem; overflow-wrap: anywhere; }
.result.good { color: var(--good); background: var(--good-bg); }
.result.bad { color: var(--bad); background: var(--bad-bg); }
.result a { color: inherit; }
.summary { list-style: none; margin: 0 0 1rem; padding: .35rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.summary li { display: flex; gap: .75rem; padding: .45rem 0; align-items: baseline; overflow-wrap: anywhere; }
.summary li + li { border-top: 1px solid var(--line); }
.summary .tag { min-width: 5rem; text-align: center; flex: none; }
.worker, .legend { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin: 0 0 1rem; }
.legend { margin-top: 1.75rem; }
.head { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center; margin-bottom: .6rem; }
.head a { font-size: .85rem; }
.head form { margin-left: auto; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .8rem; width: 100%; }
th, td { text-align: left; padding: .4rem .28rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; white-space: nowrap; border-bottom-width: 2px; }
details thead th { white-space: normal; }
.runtime thead th[title] { text-decoration: underline dotted var(--line); text-underline-offset: 3px; cursor: help; }
tbody th { font-weight: 650; white-space: nowrap; font-size: .9rem; position: sticky; left: 0; background: var(--card); }
.runtime tbody th { padding-left: .6rem; }
tbody tr.bad th { box-shadow: inset 3px 0 var(--bad); }
tbody tr.degraded th { box-shadow: inset 3px 0 var(--warn); }
tbody tr.good th { box-shadow: inset 3px 0 var(--good); }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.n small { display: block; color: var(--soft); }
td.zero { color: var(--soft); }
tbody th form { display: flex; gap: .2rem; margin-top: .25rem; }
tbody th button { padding: .05rem .35rem; font-size: .75rem; font-weight: 400; }
details { margin-top: .4rem; }
summary { cursor: pointer; color: var(--link); font-size: .88rem; padding: .15rem 0; }
.legend dl { columns: 22rem; margin: .75rem 0; font-size: .88rem; }
.legend dl div { display: flex; gap: .75rem; break-inside: avoid; padding: .1rem 0; }
.legend dt { font-weight: 650; min-width: 5rem; flex: none; }
.legend dd { margin: 0; color: var(--soft); }
.note { color: var(--warn); font-size: .88rem; margin: .5rem 0 0; }
footer { color: var(--soft); font-size: .8rem; margin-top: 1.75rem; text-align: center; }
@media (max-width: 50rem) {
  body { padding: .75rem; }
  .head form { margin-left: 0; }
  .runtime, .runtime tbody, .runtime tr { display: block; }
  .runtime thead { display: none; }
  .runtime tr { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .runtime td, .runtime th { display: flex; gap: .4rem; align-items: baseline; border: 0; padding: .1rem 0; }
  .runtime th { flex: 0 0 100%; flex-wrap: wrap; font-size: 1rem; padding: 0 0 .2rem .6rem; }
  .runtime th form { flex-wrap: wrap; margin: 0; }
  .runtime th button { padding: .2rem .6rem; font-size: .85rem; }
  .runtime td.empty { display: none; }
  .runtime td[data-h]::before { content: attr(data-h); color: var(--soft); font-weight: 400; }
  td.n small { display: inline; }
}
@media print { nav, form { display: none; } }
`
