// The one stylesheet: system fonts, one accent, light and dark, from 320 px up, nothing that moves.
import { dark, light } from './palette.ts';
import type { Palette } from './palette.ts';

const colours = (palette: Palette) =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

export const stylesheetOf = (
  bright: Palette,
  dim: Palette,
): string => `:root{color-scheme:light dark;${colours(bright)}}
@media (prefers-color-scheme:dark){:root{${colours(dim)}}}
@media (prefers-contrast:more){:root{--muted:var(--text);--line:var(--border);--border:var(--text)}}
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;
  padding:clamp(1rem,5vw,3rem) 1rem 1rem;background:var(--ground);color:var(--text);
  font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,header,footer{width:100%;max-width:26.5rem}
.wide main,.wide header,.wide footer{max-width:44rem}
header{display:flex;align-items:center;gap:.625rem;margin-bottom:1.25rem;font-weight:600}
header img{display:block;flex:none;width:auto;height:2rem;max-width:9rem;object-fit:contain}
main{background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:clamp(1.25rem,6vw,2rem)}
footer{margin-top:auto;padding-top:1.5rem;font-size:.8125rem;color:var(--muted)}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance}
h1+.note{margin-top:1rem}
h2{margin:1.75rem 0 .5rem;font-size:1rem;line-height:1.4}
p{margin:0 0 1rem}
.lead,.hint{color:var(--muted)}
.lead{margin-bottom:1.5rem}
.hint{font-size:.875rem;margin:.375rem 0 0}
.actions+.hint{margin-top:1rem}
a{color:var(--accent);text-underline-offset:.2em}
a:hover{color:var(--accentPressed);text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
strong,b{font-weight:600}
label{display:block;font-weight:600;margin-bottom:.375rem}
label .hint{font-weight:400}
.field{margin-bottom:1.125rem}
input{display:block;width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;
  background:var(--card);border:1px solid var(--border);border-radius:.5rem}
input[type=radio],input[type=checkbox]{flex:none;width:1.25rem;min-height:1.25rem;height:1.25rem;margin:.125rem 0 0;
  padding:0;accent-color:var(--accent)}
fieldset{margin:0 0 1.125rem;padding:0;border:0;min-width:0}
legend{padding:0;margin-bottom:.375rem;font-weight:600}
.option{display:flex;gap:.75rem;align-items:flex-start;padding:.5rem 0;margin:0;font-weight:400;min-height:2.75rem}
input:focus{outline:3px solid var(--accent);outline-offset:0;border-color:transparent}
input[aria-invalid=true]{border-color:var(--danger);box-shadow:inset 0 0 0 1px var(--danger)}
input[aria-invalid=true]:focus{outline-color:var(--danger);box-shadow:none}
button,.button{display:inline-block;min-height:2.75rem;padding:.5625rem 1.25rem;text-align:center;
  font:inherit;font-weight:600;text-decoration:none;cursor:pointer;border-radius:.5rem;
  border:1px solid var(--border);background:var(--card);color:var(--text)}
button:hover,.button:hover{background:var(--quiet);color:var(--text)}
.main,.main:hover{background:var(--accent);border-color:var(--accent);color:var(--onAccent)}
.main:hover{background:var(--accentPressed);border-color:var(--accentPressed)}
.danger,.danger:hover{border-color:var(--danger);color:var(--danger)}
.danger:hover{background:var(--dangerGround)}
.full{width:100%}
.choice{display:grid;grid-template-columns:1fr 1fr;gap:.75rem;margin-top:1.5rem}
.choice>*{display:flex;align-items:center;justify-content:center}
form+.hint{margin-top:1rem}
.ways{display:grid;gap:.75rem}
.ways+.hint{margin-top:1rem}
.asks{margin:0 0 1.5rem}
.or{display:flex;align-items:center;gap:.75rem;margin:1.25rem 0;color:var(--muted);font-size:.875rem}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.choices{display:grid;gap:.75rem;margin-top:1.5rem}
.after{margin:1.25rem 0 0;padding-top:1.25rem;border-top:1px solid var(--line)}
.after>a,.actions a:not(.button),.plain{display:inline-flex;align-items:center;min-height:2.75rem}
.after{padding-top:.5rem}
.actions{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.25rem;margin:1.5rem 0 0}
.note{margin:0 0 1.25rem;padding:.75rem .875rem;border-radius:.5rem;background:var(--quiet)}
.signed-in{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem}
.signed-in>span{flex:1 1 12rem}
.note.problem{background:var(--dangerGround);color:var(--danger)}
.note.caution{background:var(--cautionGround);color:var(--caution)}
.badge{display:inline-block;padding:.0625rem .5rem;border:1px solid;border-radius:1rem;font-size:.8125rem;font-weight:600}
.warning{font-size:.875rem;margin:.25rem 0 0;color:var(--caution)}
.unverified{color:var(--caution)}
.verified{color:var(--proven)}
.who{display:flex;gap:.875rem;align-items:flex-start;margin:.875rem 0 1.25rem}
.who>div{min-width:0}
.monogram{flex:none;display:grid;place-items:center;width:2.5rem;height:2.5rem;border:2px dashed var(--caution);
  border-radius:.625rem;font-size:1.25rem;font-weight:600;line-height:1;color:var(--caution)}
.monogram.proven{border:2px solid var(--proven);background:var(--proven);color:var(--onProven)}
.who p{margin:.25rem 0 0;font-size:.875rem;color:var(--muted)}
.who p.warning{color:var(--caution)}
ul.can{list-style:none;margin:0;padding:0}
ul.can li{position:relative;padding:.5rem 0 .5rem 1.75rem;border-top:1px solid var(--line)}
ul.can li:first-child{border-top:0}
ul.can li::before{content:"";position:absolute;left:.375rem;top:1rem;width:.5rem;height:.5rem;
  border-radius:50%;background:var(--accent)}
.wide h2{margin-top:2.25rem;font-size:1.125rem}
.beside{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.25rem;margin:0}
.beside a:not(.button){display:inline-flex;align-items:center;min-height:2.75rem}
h3{margin:0 0 .25rem;font-size:1rem;line-height:1.5}
ul.rows{list-style:none;margin:0 0 1rem;padding:0;border-bottom:1px solid var(--line)}
.rows>li{display:flex;flex-wrap:wrap;align-items:flex-start;justify-content:space-between;gap:.5rem 1.5rem;
  padding:1rem 0;border-top:1px solid var(--line)}
.rows>li>div{flex:1 1 16rem}
.rows p{margin:0 0 .25rem}
.rows ul.can{margin:0 0 .25rem}
.rows ul.can li{padding:.125rem 0 .125rem 1.25rem;border:0}
.rows ul.can li::before{top:.6875rem;left:.125rem;width:.375rem;height:.375rem}
dl{margin:1.25rem 0 0;border-top:1px solid var(--line)}
dt{padding-top:.75rem;font-size:.875rem;color:var(--muted)}
dd{margin:0;padding-bottom:.75rem;border-bottom:1px solid var(--line)}
details{border-bottom:1px solid var(--line)}
summary{display:flex;align-items:center;min-height:2.75rem;cursor:pointer;font-weight:600}
summary::before{content:"";flex:none;width:.5rem;height:.5rem;margin:0 .75rem 0 .25rem;
  border:solid var(--muted);border-width:0 2px 2px 0;transform:rotate(-45deg)}
[open]>summary::before{transform:rotate(45deg)}
.small{font-size:.875rem;font-weight:400;color:var(--muted)}
details dl{margin:0 0 .75rem;border:0}
details dd{border:0;padding:0}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:.5rem 0 1rem;padding:.75rem .875rem;border-radius:.5rem;background:var(--quiet);
  white-space:pre-wrap;user-select:all;-webkit-user-select:all}
pre+button{margin:-.25rem 0 1.25rem}
@media (forced-colors:active){.badge,.note,pre,main{border:1px solid}
  ul.can li::before{forced-color-adjust:none;background:CanvasText}
  summary::before{border-color:CanvasText}.main{border-width:2px}}
@media print{body{background:none}main{border:0}}
`;

export const css = stylesheetOf(light, dark);
