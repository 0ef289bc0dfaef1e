/** The style of all pages, inline so that a page is one request. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #dde1e7; --text: #1b2330; --soft: #566071; --link: #0b5cad;
  --up: #0a6b3d; --up-back: #dcf5e7; --down: #a4161a; --down-back: #fde5e5; --wait: #6b4e00; --wait-back: #fdf0cc;
  --code: #eef0f4; --focus: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --card: #1a2029; --line: #303947; --text: #e6eaf0; --soft: #a5b0c0; --link: #7db8ff;
    --up: #7be0a9; --up-back: #123524; --down: #ff9f9f; --down-back: #431a1d; --wait: #f2cf74; --wait-back: #3a2f10;
    --code: #252d39; --focus: #7db8ff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 82rem; margin: 0 auto; padding: 0 1.5rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem; padding-top: 1rem; padding-bottom: 1rem; }
header p { margin: 0; font-weight: 600; }
header p span { color: var(--soft); font-weight: 400; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav [aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
footer { padding-top: 1.5rem; padding-bottom: 2rem; color: var(--soft); font-size: .85rem; }
footer p { margin: .25rem 0; max-width: 60rem; }
a { color: var(--link); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
code { font: .87em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: .75rem 1rem; white-space: pre-wrap; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.notice { padding: 1rem 1.25rem; margin-bottom: 1rem; }
.notice p { margin: .25rem 0; }
.notice.bad { border-color: var(--down); background: var(--down-back); }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem; margin-bottom: 1rem; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; padding: 0; list-style: none; }
.badge { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .85rem; font-weight: 600; white-space: nowrap;
  background: var(--code); color: var(--text); }
.badge.up { background: var(--up-back); color: var(--up); }
.badge.down, .badge.invalid { background: var(--down-back); color: var(--down); }
.badge.unknown { background: var(--wait-back); color: var(--wait); }
form { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
form label { color: var(--soft); font-size: .9rem; }
input, form button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: 6px; padding: .3rem .6rem; }
input { width: 16rem; max-width: 100%; }
.shown { color: var(--soft); font-size: .9rem; min-width: 6rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .6rem .75rem; }
thead th { font-size: .85rem; color: var(--soft); font-weight: 600; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
thead button:hover { color: var(--text); text-decoration: underline; }
th[aria-sort] button::after { content: " \\25B2"; font-size: .75em; }
th[aria-sort="descending"] button::after { content: " \\25BC"; }
tbody + tbody { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.none { color: var(--soft); }
.labels { display: flex; flex-wrap: wrap; gap: .25rem .4rem; margin: .2rem 0 0; padding: 0; list-style: none; font-weight: 400; }
.labels code { background: var(--code); border-radius: 4px; padding: .05rem .35rem;
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
details { font-weight: 400; font-size: .85rem; color: var(--soft); margin-top: .2rem; }
summary { cursor: pointer; width: fit-content; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; margin: .3rem 0 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.mode { display: block; color: var(--soft); font-size: .85rem; }
tr.problem td { padding-top: 0; }
.problem-box { border-left: 3px solid var(--down); padding: .1rem 0 .1rem .75rem; max-width: 60rem; overflow-wrap: anywhere; }
.problem-box.warning { border-color: var(--wait); }
.problem-box + .problem-box { margin-top: .5rem; }
.problem-box p { margin: .1rem 0; }
.problem-box strong { color: var(--down); }
.problem-box.warning strong { color: var(--wait); }
.links { padding: .5rem 1.25rem; }
.links dl { grid-template-columns: minmax(11rem, max-content) 1fr; gap: .5rem 1.5rem; margin: .5rem 0; }
@media (max-width: 46rem) {
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  .links dl { grid-template-columns: 1fr; gap: 0; }
  .links dd { margin-bottom: .6rem; color: var(--soft); }
  form, input { width: 100%; }
  table, thead, tbody, tr, th, td { display: block; }
  #targets thead tr::before { content: "Sort by"; color: var(--soft); font-size: .85rem; padding: .25rem 0; }
  thead tr { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .5rem .75rem; border-bottom: 1px solid var(--line); }
  thead th { padding: .25rem 0; border: 0; }
  .static thead { display: none; }
  thead button { text-decoration: underline; }
  tbody { padding: .6rem .75rem; }
  tbody th, tbody td, tr.problem td { padding: .15rem 0; }
  td.number { text-align: left; }
  td.none { display: none; }
  td[data-name]:not(.none) { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; }
  td[data-name]::before { content: attr(data-name); color: var(--soft); font-size: .85rem; }
  .mode { display: inline; margin-left: .4rem; }
}
`;
