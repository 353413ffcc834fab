--- The page's style: light and dark, wide and narrow, screen and paper.
return [[
:root{--bg:#f6f7f9;--card:#fff;--ink:#16191d;--soft:#5b6470;--line:#dfe3e8;--grid:#e9ecf0;
--pass:#00734f;--pass-bg:#e2f3ec;--fail:#b3330a;--fail-bg:#fce9e1;--inconclusive:#8a5a00;--inconclusive-bg:#fdf1d4;
--c1:#0072b2;--c2:#d98200;--c3:#009e73;--c4:#b0579a;--c5:#3a9bd9;--c6:#8a6d3b;--c7:#6b7480;--link:#0a5fa5}
@media (prefers-color-scheme:dark){:root{--bg:#101317;--card:#181c22;--ink:#e8ebef;--soft:#9aa4b1;--line:#2b323b;
--grid:#252b33;--pass:#4fd0a0;--pass-bg:#10352a;--fail:#ff8a5c;--fail-bg:#43200f;--inconclusive:#f0bd4d;
--inconclusive-bg:#3a2c08;--c1:#4aa8e0;--c2:#f0a733;--c3:#2fc79a;--c4:#dc8cc4;--c5:#8ccdf5;--c6:#c9a56b;--c7:#a8b1bd;
--link:#7cc0f5}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1180px;margin:0 auto;padding:20px 20px 48px}
h1,h2,h3{margin:0;line-height:1.2;font-weight:650;overflow-wrap:anywhere}
h1{font-size:26px}h2{font-size:17px}h3{font-size:15px}
p{margin:4px 0}a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
code,pre{font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:10px;
margin:8px 0}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
.verdict{display:flex;gap:16px;align-items:center;padding:16px 20px;border-radius:12px;border:1px solid}
.verdict .sign{flex:none;display:grid;place-items:center;width:52px;height:52px;border-radius:50%;color:var(--card);
font-size:28px;font-weight:700}
.verdict.pass{background:var(--pass-bg);border-color:var(--pass)}.verdict.pass .sign{background:var(--pass)}
.verdict.fail{background:var(--fail-bg);border-color:var(--fail)}.verdict.fail .sign{background:var(--fail)}
.verdict.inconclusive{background:var(--inconclusive-bg);border-color:var(--inconclusive)}
.verdict.inconclusive .sign{background:var(--inconclusive)}
.facts{color:var(--soft);font-size:13px;display:flex;flex-wrap:wrap;gap:2px 14px;overflow-wrap:anywhere}
.badge{display:inline-block;padding:0 8px 1px;border-radius:9px;font-size:12px;font-weight:650;white-space:nowrap;
border:1px solid currentColor}
.badge i{font-style:normal}
.badge.pass{color:var(--pass);background:var(--pass-bg)}.badge.fail{color:var(--fail);background:var(--fail-bg)}
.badge.inconclusive{color:var(--inconclusive);background:var(--inconclusive-bg)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:10px;margin:12px 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:9px 12px;
border-top:3px solid var(--line)}
.tile.pass{border-top-color:var(--pass)}.tile.fail{border-top-color:var(--fail)}
.tile.inconclusive{border-top-color:var(--inconclusive)}
.tile dt{color:var(--soft);font-size:12px}.tile dd{margin:0;font-size:19px;font-weight:650;line-height:1.25}
.tile.pass dd{color:var(--pass)}.tile.fail dd{color:var(--fail)}.tile.inconclusive dd{color:var(--inconclusive)}
.badge{vertical-align:1px}
.tile small{display:block;color:var(--soft);font-size:11.5px;font-weight:400}
.columns{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:12px;align-items:start}
.card,.scenario,footer{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 18px;
margin:0 0 12px}
.card h2{margin-bottom:8px}
.why ul{list-style:none;margin:0;padding:0}.why>ul>li{padding:8px 0;border-top:1px solid var(--line)}
.why>ul>li:first-child{border-top:0;padding-top:0}.why li li{margin:6px 0 6px}
.why h3{margin:14px 0 6px}.why h3+ul{font-size:13.5px;color:var(--soft)}
.why em{font-style:normal;font-weight:600}.why p{font-size:13.5px;color:var(--soft);overflow-wrap:anywhere}
.why p em{color:var(--ink)}.why .of>a{font-weight:650}
.because{border-left:3px solid var(--line);padding-left:8px;font-family:ui-monospace,Menlo,Consolas,monospace;
font-size:12px!important}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:right;padding:4px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600}thead th{color:var(--soft);font-size:12px;font-weight:500}
th:first-child,td:first-child{text-align:left;padding-left:0}
.requirements td,.requirements th{text-align:left;white-space:normal;overflow-wrap:anywhere}
.requirements td:last-child,.requirements th:last-child{text-align:right;padding-right:0;white-space:nowrap}
.scenarios{list-style:none;margin:0;padding:0}
.scenarios a{display:grid;grid-template-columns:34px minmax(0,1fr) auto 62px;gap:8px;align-items:baseline;
padding:5px 0;
color:inherit;border-top:1px solid var(--line);font-size:13.5px}
.scenarios li:first-child a{border-top:0}.scenarios b{color:var(--link);overflow:hidden;text-overflow:ellipsis}
.scenarios .title{overflow-wrap:anywhere}.took{color:var(--soft);font-size:12.5px;text-align:right;white-space:nowrap}
.scenario{padding:18px 20px;scroll-margin-top:8px;margin-top:16px}
.scenario>header{display:flex;gap:12px;align-items:center}.scenario>header h2{flex:1;font-size:20px}
.scenario .id{color:var(--soft)}.summary{font-size:15px}
.covers{display:flex;flex-wrap:wrap;gap:6px;align-items:center;font-size:12px;color:var(--soft)}
.tag{border:1px solid var(--line);border-radius:5px;padding:0 6px;overflow-wrap:anywhere}
.checks{list-style:none;margin:12px 0;padding:0;border-top:1px solid var(--line)}
.check{border-bottom:1px solid var(--line);padding:5px 0}
.line{display:grid;grid-template-columns:112px minmax(0,1.3fr) minmax(0,1.2fr) minmax(0,1fr) 150px;gap:4px 10px;
align-items:baseline;
list-style:none;overflow-wrap:anywhere}
summary.line{cursor:pointer}summary.line::-webkit-details-marker{display:none}
.line .badge{justify-self:start}.line .name{font-weight:600}.line .expected,.line .more{color:var(--soft);
font-size:13px}
.line .more{grid-column:5;text-align:right;white-space:nowrap}.line .more::after{content:" ▸"}
details[open]>.line .more::after{content:" ▾"}
.evidence{margin:6px 0 4px 122px;padding:8px 12px 8px 26px;background:var(--bg);border-radius:6px;
font:12px/1.55 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere;max-height:230px;overflow:auto}
.generator{font-size:12.5px;color:var(--soft);display:flex;flex-wrap:wrap;gap:2px 14px;padding:6px 10px;
border-radius:6px;
background:var(--bg);border-left:3px solid var(--pass);margin:8px 0}
.generator.invalid{border-left-color:var(--inconclusive);background:var(--inconclusive-bg);color:var(--ink)}
.generator p{flex-basis:100%;margin:2px 0}.generator b{color:var(--ink)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:8px 0 6px;padding:0;font-size:12.5px}
.legend li{display:flex;gap:6px;align-items:center;color:var(--ink)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:12px}
.figure{margin:0;border:1px solid var(--line);border-radius:10px;padding:10px 12px;min-width:0}
figcaption{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline;margin-bottom:4px;overflow-wrap:anywhere}
figcaption b{font-size:13.5px}figcaption span{color:var(--soft);font-size:12px}
svg.chart{display:block;width:100%;height:auto;overflow:visible;max-height:420px}
.chart text{font-size:11.5px;fill:var(--soft)}.chart .name{fill:var(--ink)}.chart .value{fill:var(--ink);
font-size:12px}
line.grid{stroke:var(--grid)}line.axis{stroke:var(--soft);stroke-opacity:.55}line.zero{stroke:var(--soft)}
path.line{fill:none;stroke-linejoin:round;stroke-width:1.8;stroke:var(--c)}
.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}
.c7{--c:var(--c7)}
.dot{fill:var(--c);stroke:var(--card);stroke-width:1}.dot.faint{fill-opacity:.75;stroke-width:.5}
.point{fill:var(--c);stroke:transparent;stroke-width:7;pointer-events:all}
.bar{fill:var(--c)}
.quantile{stroke:var(--ink);stroke-width:1.5}.mean{stroke:var(--ink);stroke-width:2;fill:none}
.failed{stroke:var(--fail);stroke-width:2;fill:none}
line.limit{stroke:var(--fail);stroke-dasharray:5 3;stroke-width:1.5}.chart text.limit{fill:var(--fail)}
.band{fill:var(--inconclusive);fill-opacity:.16}
.expected{stroke:var(--ink);stroke-width:1.6}
.interval{stroke-width:4;stroke-linecap:round}.interval.pass{stroke:var(--pass)}.interval.fail{stroke:var(--fail)}
.interval.inconclusive{stroke:var(--inconclusive)}.estimate{stroke:var(--card);stroke-width:1.2}
.estimate.pass{fill:var(--pass)}.estimate.fail{fill:var(--fail)}.estimate.inconclusive{fill:var(--inconclusive)}
.cell.held{fill:var(--pass-bg)}.cell.leak{fill:var(--fail)}.cell.own{fill:none;stroke:var(--line);
stroke-dasharray:3 2}
.cell.untried{fill:var(--grid)}.chart .value.held{fill:var(--pass)}.chart .value.leak{fill:var(--card);
font-weight:700}
.chart .value.own,.chart .value.untried{fill:var(--soft)}
.dot.mark:hover,.dot.mark:focus,.bar.mark:hover,.bar.mark:focus,.cell.mark:hover,.cell.mark:focus{stroke:var(--ink);
stroke-width:2;stroke-dasharray:none}
.point:hover,.point:focus{stroke:var(--ink);stroke-width:3}.interval:hover,.interval:focus{stroke-width:8}
.mark:focus{outline:none}.mark:focus-visible{outline:2px solid var(--link);outline-offset:1px}
details.numbers{margin-top:4px;font-size:12.5px}summary{cursor:pointer}
.numbers>summary,details.more>summary{color:var(--soft)}
.numbers>summary{font-size:12px}
details.more{border-top:1px solid var(--line);padding:8px 0 2px;margin-top:8px;font-size:13.5px}
details.more[open]>summary{margin-bottom:8px}
.scroll{overflow-x:auto;margin-top:6px}.bad{color:var(--fail)}
footer dl{display:grid;grid-template-columns:90px minmax(0,1fr);gap:4px 12px;font-size:13px;margin:8px 0 0}
footer dt{color:var(--soft)}footer dd{margin:0;overflow-wrap:anywhere}footer b{font-weight:600}
#tip{position:absolute;z-index:9;background:var(--ink);color:var(--bg);padding:4px 8px;border-radius:6px;
font-size:12.5px;
pointer-events:none;max-width:min(320px,92vw);overflow-wrap:anywhere}
#tip[hidden]{display:none}
@media (min-width:861px){.grid{grid-template-columns:repeat(6,minmax(0,1fr))}.figure{grid-column:span 3}
.grid:has(>.figure:last-child:nth-child(odd))>.figure:nth-last-child(-n+3){grid-column:span 2}
.grid:has(>.figure:last-child:nth-child(odd))>.figure:nth-last-child(-n+3) .chart text{font-size:14px}
.figure:only-child{grid-column:1/-1!important}.figure:only-child .chart text{font-size:11.5px!important}}
@media (max-width:860px){.columns{grid-template-columns:minmax(0,1fr)}
.line{grid-template-columns:minmax(0,1fr);gap:1px}.line .more{grid-column:1;text-align:left}.evidence{margin-left:0}}
@media (max-width:520px){body{font-size:14px}main{padding:10px 10px 32px}.card,.scenario,footer{padding:12px}
h1{font-size:21px}
.verdict{padding:12px;gap:12px}.verdict .sign{width:40px;height:40px;font-size:21px}.chart text{font-size:13px}
.scenario>header{flex-wrap:wrap}.scenario>header h2{flex-basis:100%;order:3}
.scenarios a{grid-template-columns:30px minmax(0,1fr) auto}.scenarios .took{display:none}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--grid:#ddd}
body{font-size:11px}main{max-width:none;padding:0}.scenario{break-before:page;border:0;padding:0}
.card,.figure,.tile,tr,.check{break-inside:avoid}.evidence{max-height:none}
.grid{grid-template-columns:minmax(0,1fr) minmax(0,1fr)!important}.figure{grid-column:auto!important}
table{font-size:8px}th,td,thead th{white-space:normal!important;overflow-wrap:anywhere;padding:1px 3px;font-size:8px}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}#tip{display:none}}
]]
