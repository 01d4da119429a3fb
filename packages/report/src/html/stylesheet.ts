/** All styles of a page. Colours meet WCAG 2 AA on their backgrounds, light and dark. */
export const STYLESHEET: string = `
:root{--page:#fff;--panel:#f6f7f9;--line:#d5d9e0;--shade:rgb(0 0 0/.18);--text:#1b1f27;--soft:#565e6c;--link:#0b57c4;
--critical:#b3131b;--critical-fill:#fdebec;--warning:#8a5300;--warning-fill:#fff3dc;--note:#0d5a9c;--note-fill:#e9f2fb;
--good:#1a6b34;--good-fill:#e7f5ec;
--unit-1:#0072b2;--unit-2:#d55e00;--unit-3:#009e73;--unit-4:#bf5f93;--unit-5:#8a6d00;--unit-6:#b0413e;--unit-7:#7a3fb0;--unit-8:#5c5c5c}
@media (prefers-color-scheme:dark){:root{--page:#14171c;--panel:#1d2128;--line:#3a414d;--shade:rgb(0 0 0/.6);--text:#e6e9ee;--soft:#a4adbb;
--link:#8ab8ff;--critical:#ff8f8f;--critical-fill:#3a1b1e;--warning:#f2bb5c;--warning-fill:#35290f;--note:#86bdf4;
--note-fill:#172a3e;--good:#77d495;--good-fill:#15301f;
--unit-1:#4aa8e0;--unit-2:#ff8a3d;--unit-3:#2cc79b;--unit-4:#e39cc4;--unit-5:#d6b536;--unit-6:#f0857f;--unit-7:#b98ae6;--unit-8:#a8a8a8}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0 auto;max-width:1120px;padding:24px 20px 48px;background:var(--page);color:var(--text);
font:.9375rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 12px}
h2{font-size:1.25rem;line-height:1.3;margin:36px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--line)}
h3{font-size:1rem;line-height:1.4;margin:0 0 6px}
p{margin:0 0 10px;white-space:pre-line}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.answer{display:flex;gap:14px;align-items:baseline;border-left:5px solid;padding:12px 16px;border-radius:4px;font-size:1.05rem}
.answer p:last-child{margin:0}
.critical>.answer{border-color:var(--critical);background:var(--critical-fill)}
.warning>.answer{border-color:var(--warning);background:var(--warning-fill)}
.note>.answer{border-color:var(--note);background:var(--note-fill)}
.good>.answer{border-color:var(--good);background:var(--good-fill)}
.badge{display:inline-block;white-space:nowrap;font-size:.75rem;font-weight:700;line-height:1.3;padding:1px 8px;
border:1px solid;border-radius:10px;text-transform:uppercase;letter-spacing:.03em}
.badge.critical,td.critical,li.critical>.sign{color:var(--critical)}
.badge.warning,td.warning,li.warning>.sign{color:var(--warning)}
.badge.note,td.note,li.note>.sign{color:var(--note)}
.badge.good,td.good,li.good>.sign{color:var(--good)}
.badge.critical{background:var(--critical-fill)}.badge.warning{background:var(--warning-fill)}
.badge.note{background:var(--note-fill)}.badge.good{background:var(--good-fill)}
.facts{columns:2 380px;column-gap:36px;margin:16px 0}
.facts div{display:grid;grid-template-columns:minmax(110px,30%) 1fr;gap:12px;padding:4px 0;break-inside:avoid}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:20px 0 0;padding:0;font-size:.92rem}
.finding{border:1px solid var(--line);border-left-width:5px;border-radius:4px;padding:12px 16px;margin:0 0 12px}
.finding.critical{border-left-color:var(--critical)}.finding.warning{border-left-color:var(--warning)}
.finding.note{border-left-color:var(--note)}.finding.good{border-left-color:var(--good)}
.finding p,.finding .facts{max-width:95ch}
.finding .facts{columns:auto;margin:0 0 10px}
.finding .facts div{grid-template-columns:110px 1fr;padding:2px 0}
.evidence{margin:8px 0 0;padding-left:20px;font-size:.86rem;color:var(--soft)}
.evidence .source{font-family:ui-monospace,"DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace}
summary{cursor:pointer;color:var(--link);font-size:.92rem}
summary h2{display:inline;margin:0;padding:0;border:0;color:var(--text)}
section>details{margin-top:24px}section>details[open]>summary{margin-bottom:14px}
pre{margin:0 0 12px;padding:10px 12px;overflow-x:auto;background:var(--panel);border:1px solid var(--line);border-radius:4px;
font:.8125rem/1.5 ui-monospace,"DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace;white-space:pre;overflow-wrap:normal}
pre.log{white-space:pre-wrap;overflow-wrap:anywhere}
pre.log .number{color:var(--soft);user-select:none}
.scroll{overflow-x:auto;margin:0 0 12px;background:linear-gradient(to right,var(--page) 30%,transparent) 0 0/40px 100%,
linear-gradient(to left,var(--page) 30%,transparent) 100% 0/40px 100%,
linear-gradient(to right,var(--shade),transparent) 0 0/14px 100%,
linear-gradient(to left,var(--shade),transparent) 100% 0/14px 100%;
background-repeat:no-repeat;background-attachment:local,local,scroll,scroll}
table{border-collapse:collapse;font-size:.9rem;overflow-wrap:normal}
.scroll>table{min-width:min(100%,40rem)}
th,td{text-align:left;vertical-align:top;padding:5px 20px 5px 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td{max-width:46ch;overflow-wrap:break-word}
.right{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.empty{color:var(--soft)}
.drawing{margin:0 0 16px}
.drawing>.scroll{border:1px solid var(--line);border-radius:4px;padding:12px}
.drawing svg{display:block}
svg text{font-family:ui-monospace,"DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace;font-size:12px;fill:var(--text)}
.topology+.topology{margin-top:14px}
.wire{fill:none;stroke:var(--soft);stroke-opacity:.6}
.box{fill:var(--panel);stroke:var(--line)}
.node.critical .box{fill:var(--critical-fill);stroke:var(--critical);stroke-width:1.5}
.node.warning .box{fill:var(--warning-fill);stroke:var(--warning)}
.node.good .box{stroke:var(--good)}
.node.note .box{stroke:var(--note)}
.node.critical .sign{fill:var(--critical)}.node.warning .sign{fill:var(--warning)}
.node.note .sign{fill:var(--note)}.node.good .sign{fill:var(--good)}
.node a:hover .box,.node a:focus-visible .box{stroke-width:2.5}
.node tspan{font-weight:700}
.node .kind,text.mark{font-size:10.5px}
.node .kind{fill:var(--soft)}
rect.mark{fill:var(--page);stroke:var(--soft)}
.unit-1{fill:var(--unit-1)}.unit-2{fill:var(--unit-2)}.unit-3{fill:var(--unit-3)}.unit-4{fill:var(--unit-4)}
.unit-5{fill:var(--unit-5)}.unit-6{fill:var(--unit-6)}.unit-7{fill:var(--unit-7)}.unit-8{fill:var(--unit-8)}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0 0 8px;padding:0;font-size:.86rem}
.legend svg{display:inline-block;vertical-align:-2px}
.list ul{padding-left:18px;font-size:.9rem}
.list li{margin:4px 0}
.list li:target{background:var(--note-fill)}
.timeline text{font-size:11px}
.grid{stroke:var(--line)}
.cut{fill:var(--line);fill-opacity:.45}
.timeline .tick{text-anchor:middle;fill:var(--soft)}
path.lane{stroke:var(--line)}
text.lane{text-anchor:end;font-weight:600}
.span rect{fill:var(--panel);stroke:var(--soft)}
.span.critical rect{fill:var(--critical-fill);stroke:var(--critical)}
.span.warning rect{fill:var(--warning-fill);stroke:var(--warning)}
.span.note rect{fill:var(--note-fill);stroke:var(--note)}
.span.good rect{fill:var(--good-fill);stroke:var(--good)}
.callout path{stroke:var(--soft);stroke-opacity:.7}
.callout.critical path{stroke:var(--critical);stroke-width:1.5}
.callout.warning path{stroke:var(--warning);stroke-width:1.5}
.callout.critical text{fill:var(--critical);font-weight:600}
.callout.warning text{fill:var(--warning)}
.callout.good text{fill:var(--good)}
footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--line);color:var(--soft);font-size:.86rem}
@media (max-width:600px){.facts div,.finding .facts div{grid-template-columns:1fr;gap:0}body{padding:16px 12px 32px}.answer{flex-direction:column;gap:6px}h1{font-size:1.35rem}}
@media print{@page{margin:14mm}
:root{--page:#fff;--panel:#f6f7f9;--line:#c4c9d2;--text:#000;--soft:#444;--link:#000;--critical:#b3131b;--critical-fill:#fdebec;
--warning:#8a5300;--warning-fill:#fff3dc;--note:#0d5a9c;--note-fill:#e9f2fb;--good:#1a6b34;--good-fill:#e7f5ec}
html{font-size:13px}th.right{white-space:normal}th,td{padding-right:12px}
body{max-width:none;padding:0;print-color-adjust:exact;-webkit-print-color-adjust:exact}
nav{display:none}h2,h3{break-after:avoid}.finding,tr,svg{break-inside:avoid}
.scroll{overflow:visible;background:none}.drawing svg{max-width:100%;height:auto}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.finding details::details-content{content-visibility:visible;display:block}}
`;

/** Of {@link STYLESHEET}, as a Content-Security-Policy names it (CSP 3, 2.3.1); a test computes it anew. */
export const STYLESHEET_HASH = 'sha256-1JSu1O6ZdiM6DB9XDfbVxnLkphhP/y03PGF6uZiz6c8=';
