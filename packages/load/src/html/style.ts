/** Colours are told apart without seeing red and green, on a light ground and on a dark one. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1d2733; --quiet: #5b6673; --grid: #e3e6ea; --shade: #f4f6f8;
  --good: #11734b; --bad: #b3261e; --c1: #0b6fb8; --c2: #c25400; --c3: #00805c; --c4: #9c3a8c; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181d; --ink: #e6e9ec; --quiet: #9aa5b1; --grid: #2c343d;
  --shade: #1b2127; --good: #5fd3a0; --bad: #ff8a80; --c1: #5cb3f0; --c2: #ff9d57; --c3: #4fd0a5; --c4: #e28fd5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, Helvetica, Arial, sans-serif; }
main { max-width: 920px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 24px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 4px; }
p { margin: 0 0 8px; color: var(--quiet); overflow-wrap: anywhere; }
.verdict { font-size: 17px; font-weight: 600; margin: 16px 0 4px; color: var(--ink); }
.verdict.passed { color: var(--good); } .verdict.failed { color: var(--bad); }
figure { margin: 0; } svg { width: 100%; min-width: 620px; height: auto; display: block; } li { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; min-width: 50%; }
th, td { padding: 4px 14px 4px 0; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 400; } thead th { color: var(--quiet); font-weight: 400; }
.grid { stroke: var(--grid); } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.line.dashed { stroke-dasharray: 5 4; }
.line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); } .line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); }
.tick, .phase { fill: var(--quiet); font-size: 12px; } .span0 { fill: var(--shade); } .span1 { fill: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 4px 0 0; padding: 0; font-size: 13px; }
.legend li::before { content: ""; display: inline-block; width: 18px; margin-right: 6px; vertical-align: middle; border-top: 3px solid; }
.legend .dashed::before { border-top-style: dashed; }
.legend .c1::before { border-color: var(--c1); } .legend .c2::before { border-color: var(--c2); }
.legend .c3::before { border-color: var(--c3); } .legend .c4::before { border-color: var(--c4); }
details { margin-top: 36px; } summary { cursor: pointer; } pre { overflow-x: auto; font-size: 13px; background: var(--shade); padding: 12px; }
`;
