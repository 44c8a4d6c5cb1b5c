import { look } from './base.ts'

const sunken = 'var(--tintype-sunken, #80808030)'
const line = '1px solid var(--tintype-line, #80808080)'
const accent = 'var(--tintype-accent, #5b7be0)'

/** How it looks unless the page says otherwise. */
export const css = `${look}
[hidden] { display: none !important }
section { --inset: 0px; --outset: min(.75rem, var(--inset)); display: flex; flex-direction: column }
:host([floating]) section { --inset: 1rem; position: fixed; z-index: 3; inset-block-end: max(1rem, env(safe-area-inset-bottom));
  inset-inline-end: 1rem; width: min(24rem, 100% - 2rem); max-height: min(26rem, 60dvh); border: ${line};
  border-radius: calc(var(--tintype-radius, .5rem) * 1.4); background: var(--tintype-surface, Canvas); box-shadow: 0 .75rem 2rem #0003 }
:host([floating]) section[data-folded] { max-height: none }
header { display: flex; flex: none; flex-wrap: wrap; align-items: center; min-height: 3.25rem; padding: .375rem .25rem;
  padding-inline-start: var(--inset); border-block-end: ${line} }
section[data-folded] header { border-block-end: 0 }
header > div { flex: 1 }
h2, p, ul { margin: 0; padding: 0; list-style: none }
h2 { font-size: 1rem; font-weight: 650; line-height: 1.25; letter-spacing: -.015em }
:host([floating]) ul { overflow-y: auto; overscroll-behavior: contain }
#rows { display: flex; flex-direction: column; min-height: 0 }
li { display: flex; align-items: center; gap: .25rem; padding: .5rem .25rem; padding-inline-start: var(--inset) }
li + li, [part=more] { border-block-start: ${line} }
.text { display: grid; flex: 1; gap: .25rem; min-width: 0; padding-inline-end: .5rem; font-size: .875rem }
[part=name] { overflow: hidden; font-weight: 550; text-overflow: ellipsis; white-space: nowrap }
[part=state], .soft { color: var(--tintype-ink-soft, inherit); font-size: .8125rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
[part=pace] { display: contents }
p:empty { display: none }
[data-state=failed] [part=state] { color: var(--tintype-error, color-mix(in srgb, #d00 60%, currentColor)); font-size: inherit }
[part=more] { padding: .625rem var(--inset) }
progress { appearance: none; display: block; width: 100%; height: 6px; border: 0; border-radius: 3px; overflow: hidden; background: ${sunken} }
progress::-webkit-progress-bar { background: none }
progress::-webkit-progress-value { border-radius: 3px; background: var(--done, ${accent}) }
progress::-moz-progress-bar { border-radius: 3px; background: var(--done, ${accent}) }
[data-state=paused] { --done: var(--tintype-ink-soft, #808080) }
@media (forced-colors: active) { progress { appearance: auto } }
.all { flex-basis: 100%; height: 4px; margin-block: .25rem; margin-inline-end: .75rem }
[part=preview] { display: grid; flex: none; place-items: center; width: 2.5rem; height: 2.5rem; margin-inline-end: .5rem; overflow: hidden;
  border-radius: 6px; background: ${sunken}; color: var(--tintype-ink-soft, inherit) }
[part=preview] img { width: 100%; height: 100%; object-fit: cover }
.icon { width: 1.25rem; height: 1.25rem; fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round }
.icon.resume { fill: currentcolor }
button, tintype-drop::part(button) { display: grid; flex: none; place-items: center; padding: 0 .75rem;
  border-color: var(--tintype-line, #808080); background: var(--tintype-surface, transparent); color: inherit; font-weight: 550;
  max-width: 100%; overflow-wrap: anywhere }
button:hover, tintype-drop::part(button):hover { background: ${sunken} }
.quiet { border-color: transparent; background: none }
.icon-only, tintype-drop::part(button) { width: 44px; padding: 0 }
tintype-drop::part(zone), [slot=button] { display: contents }
tintype-drop::part(hint) { display: none }
.word { font-size: .9375rem }
.action { justify-self: start; margin-inline-start: calc(-1 * var(--outset)); min-width: 44px; padding-inline: var(--outset); font-size: inherit; text-align: start }
.fold .icon { transition: transform 160ms }
[data-folded] .fold .icon { transform: rotate(180deg) }
.together .icon { display: none }
.crowded > div { order: -2; flex-basis: calc(100% - 3.25rem) }
.crowded .word { margin-inline: -.75rem 1rem }
.crowded .fold { order: -1 }
@media (prefers-reduced-motion: reduce) { .fold .icon { transition: none } }
@media (max-width: 44rem) {
  [data-folded] header > div { display: flex; flex-basis: 0; margin-inline-end: .75rem; flex-wrap: wrap; gap: 0 .625rem; align-items: baseline }
  [data-folded] .word:not(.together) { display: none }
  [data-folded] .together { order: -1; width: 44px; margin: 0; padding: 0 }
  [data-folded] .together .icon { display: block }
  [data-folded] .together span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
}
`
