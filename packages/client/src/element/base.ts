/** On a server there are no elements: there the module can be loaded, and does nothing. */
export const ElementBase: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement)

/** An element with properties, and text that is never read as markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

/** A root with this style; a strict Content-Security-Policy allows it where the browser knows such sheets (Safari 16.4). */
export function rootOf(host: HTMLElement, css: string): ShadowRoot {
  const root = host.attachShadow({ mode: 'open', delegatesFocus: true })
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    root.adoptedStyleSheets = [sheet]
  } catch {
    root.append(make('style', {}, css))
  }
  return root
}

/** Colours and measures, each of which a page may set. */
export const look = `
:host { display: block; font: inherit; color: var(--tintype-ink, CanvasText); color-scheme: light dark }
:host([hidden]) { display: none }
* { box-sizing: border-box }
button, .button { font: inherit; color: inherit; min-height: 2.75rem; padding: .25rem 1rem; cursor: pointer;
  border: 1px solid var(--tintype-line, color-mix(in srgb, CanvasText 45%, Canvas)); border-radius: var(--tintype-radius, .5rem);
  background: var(--tintype-surface, Canvas) }
button:focus-visible, .button:focus-within { outline: 3px solid var(--tintype-accent, #3557c9); outline-offset: 2px }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
`
