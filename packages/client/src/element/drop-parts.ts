import { look, make } from './base.ts'

/** How it looks unless the page says otherwise. */
export const css = `${look}
.zone { display: grid; gap: .5rem; place-items: center; padding: var(--tintype-space, 1.5rem); text-align: center;
  border: 2px dashed var(--tintype-line, #808080); border-radius: var(--tintype-radius, .5rem) }
.zone[data-over] { border-color: var(--tintype-accent, #3557c9); background: color-mix(in srgb, var(--tintype-accent, #3557c9) 10%, transparent) }
.button { display: inline-grid; place-items: center; position: relative;
  background: var(--tintype-accent, #3557c9); color: var(--tintype-on-accent, #fff); border-color: transparent }
.note { margin: 0; overflow-wrap: anywhere }
.overlay { position: fixed; inset: 0; z-index: 10; display: grid; place-items: center; width: auto; height: auto; margin: 0; padding: 1rem;
  border: 0; overflow: hidden; background: color-mix(in srgb, Canvas 80%, transparent); color: CanvasText; backdrop-filter: blur(6px);
  font-size: 1.5rem; font-weight: 650; text-align: center; opacity: 0; visibility: hidden; pointer-events: none }
.overlay::before { content: ""; position: absolute; inset: 1rem; border: 3px dashed var(--tintype-accent, #5b7be0); border-radius: 1.25rem }
.overlay[data-over] { opacity: 1; visibility: visible; transition: opacity 160ms }
@media (prefers-reduced-motion: reduce) { .overlay[data-over] { transition: none } }
@media (hover: none) { [part=hint] { display: none } }
`

/** What stands in the shadow tree of a drop. */
export function makeParts() {
  const input = make('input', { type: 'file', class: 'hidden' })
  const words = make('slot', { name: 'button' })
  const hint = make('span', { part: 'hint' })
  const button = make('label', { class: 'button', part: 'button' }, words, input)
  const zone = make('div', { class: 'zone', part: 'zone' }, button, make('slot', {}, hint))
  const over = make('slot', { name: 'overlay' })
  // A popover lies above everything, open dialogs too; browsers before 2024 know none, and show it in its place.
  const overlay = make(
    'div',
    { class: 'overlay', part: 'overlay', popover: 'manual', 'aria-hidden': 'true' },
    over,
  )
  const tooOld = make('p', { class: 'zone', part: 'zone', role: 'alert' })
  return { input, words, hint, zone, over, overlay, tooOld }
}
