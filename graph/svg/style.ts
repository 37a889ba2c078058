/**
 * How pictures look, on a light page and on a dark one. The report has the same rules in its own style sheet. Nothing is told
 * by its colour alone.
 */
export const pictureStyle = `
.seamless{--ink:#1f2328;--quiet:#57606a;--page:#fff;--line:#57606a;--violet:#6f42c1;--violet-fill:#f1eaff;--blue:#1d4ed8;--blue-fill:#e0ecff;--green:#15803d;--green-fill:#def7e5;--amber:#9a5b00;--amber-fill:#fdf0cf;--cyan:#0e7490;--cyan-fill:#d8f5fb;--grey-fill:#f3f4f6;--red:#b91c1c;font:13px system-ui,sans-serif}
@media (prefers-color-scheme:dark){.seamless{--ink:#e6edf3;--quiet:#9da7b3;--page:#0d1117;--line:#9da7b3;--violet:#c4a7ff;--violet-fill:#2b2140;--blue:#8ab4ff;--blue-fill:#15243d;--green:#6fdc8c;--green-fill:#12301c;--amber:#f2b84b;--amber-fill:#3a2a0b;--cyan:#67d8ef;--cyan-fill:#0d2f38;--grey-fill:#1c2128;--red:#ff8a80}}
@media print{.seamless{--ink:#000;--quiet:#333;--page:#fff;--line:#333;--violet:#4b2c85;--violet-fill:#fff;--blue:#1d3a8a;--blue-fill:#fff;--green:#14532d;--green-fill:#fff;--amber:#713f12;--amber-fill:#fff;--cyan:#155e75;--cyan-fill:#fff;--grey-fill:#fff;--red:#7f1d1d}}
.seamless .page{fill:var(--page)}
.seamless text{fill:var(--ink)}
.seamless .more{fill:var(--quiet)}
.seamless .name{font-weight:600}
.seamless .box{fill:var(--grey-fill);stroke:var(--line);stroke-width:1.3}
.seamless .group{fill:none;stroke:var(--quiet);stroke-dasharray:2 3}
.seamless .reflector .box{fill:var(--violet-fill);stroke:var(--violet)}
.seamless .node .box,.seamless .several .box{fill:var(--blue-fill);stroke:var(--blue)}
.seamless .several .box{stroke-width:3}
.seamless .silent .box,.seamless .free .box{stroke-dasharray:4 3}
.seamless .free .box{fill:var(--page)}
.seamless .containers .box,.seamless .container .box{fill:var(--green-fill);stroke:var(--green)}
.seamless .retiring .box{fill:var(--amber-fill);stroke:var(--amber)}
.seamless .services .box{fill:var(--cyan-fill);stroke:var(--cyan)}
.seamless .bar{fill:none;stroke:var(--quiet)}
.seamless .share{fill:var(--quiet)}
.seamless .edge{fill:none;stroke:var(--line);stroke-width:1.4}
.seamless .ebgp .edge,.seamless .packet .edge{stroke-width:2.4}
.seamless .packet .edge,.seamless .up .edge{stroke:var(--green)}
.seamless .answer .edge{stroke:var(--blue)}
.seamless .route .edge{stroke:var(--violet);stroke-dasharray:5 4}
.seamless .dropped .edge,.seamless .down .edge{stroke:var(--red);stroke-dasharray:2 4;stroke-width:2.4}
.seamless .unknown .edge{stroke:var(--amber);stroke-dasharray:7 4}
.seamless .label{font-size:11px}
.seamless .label,.seamless .over{paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
.seamless .dropped .label,.seamless .down .label{fill:var(--red);font-weight:600}
.seamless .head{fill:var(--line)}
`;
