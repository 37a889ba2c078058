import { pictureStyle } from "../graph";

/** The style sheet of the report: light and dark as the reader's system is, and black on white on paper. */
export const reportStyle = `
:root{color-scheme:light dark;--ink:#1f2328;--quiet:#57606a;--page:#fff;--soft:#f6f8fa;--rule:#d0d7de;--link:#0b57d0;--pass:#116329;--fail:#a40e26;--skip:#57606a;--unknown:#7a4b00;--focus:#0b57d0}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9da7b3;--page:#0d1117;--soft:#161b22;--rule:#3d444d;--link:#8ab4ff;--pass:#6fdc8c;--fail:#ff9a91;--skip:#9da7b3;--unknown:#f2b84b;--focus:#8ab4ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1rem 1.5rem 4rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
h1{font-size:1.7rem;margin:.4rem 0}
h2{font-size:1.3rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--rule);padding-bottom:.2rem}
h3{font-size:1.05rem;margin:1.4rem 0 .4rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:2px}
.skip-link{position:absolute;left:-999rem}
.skip-link:focus{left:1rem;top:.5rem;background:var(--page);padding:.3rem .6rem}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0;margin:.4rem 0}
.quiet{color:var(--quiet)}
.counts{display:flex;flex-wrap:wrap;gap:.6rem;padding:0;margin:.8rem 0;list-style:none}
.counts li{border:1px solid var(--rule);border-left:.4rem solid var(--quiet);border-radius:4px;padding:.2rem .8rem;background:var(--soft)}
.counts b{font-size:1.25rem}
.counts .pass{border-left-color:var(--pass)}.counts .fail{border-left-color:var(--fail)}.counts .unknown{border-left-color:var(--unknown)}
.status{font-weight:600;white-space:nowrap}
.status.pass{color:var(--pass)}.status.fail{color:var(--fail)}.status.skip{color:var(--skip)}.status.unknown{color:var(--unknown)}
.scroll{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;font-size:.9rem;width:100%}
caption{text-align:left;color:var(--quiet);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--rule);overflow-wrap:anywhere}
thead th{border-bottom:2px solid var(--rule);white-space:nowrap}
tbody th{font-weight:600;min-width:9rem}
.problem{border:1px solid var(--rule);border-left:.4rem solid var(--fail);border-radius:4px;padding:.2rem 1rem;margin:.8rem 0;background:var(--soft)}
.problem.unknown{border-left-color:var(--unknown)}
.problem h3{margin:.4rem 0;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.4rem 0}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
summary{cursor:pointer;padding:.25rem 0}
pre{background:var(--soft);border:1px solid var(--rule);border-radius:4px;padding:.6rem .8rem;overflow-x:auto;font-size:.85rem}
figure{margin:1rem 0;overflow-x:auto}
figure svg{max-width:100%;height:auto}
figcaption{color:var(--quiet);font-size:.9rem}
@media print{:root{--ink:#000;--quiet:#333;--page:#fff;--soft:#fff;--rule:#999;--link:#000;--pass:#000;--fail:#000;--unknown:#000}body{max-width:none;padding:0;font-size:11pt}nav,.skip-link{display:none}details::details-content{content-visibility:visible;block-size:auto}h2,h3{break-after:avoid}tr,.problem,figure{break-inside:avoid}.scroll{overflow:visible}}
${pictureStyle}`;
