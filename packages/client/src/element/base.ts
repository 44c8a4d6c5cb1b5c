/** On a server there are no elements: there the module can be loaded, and does nothing. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement)

export class ElementBase extends Base {
  constructor() {
    super()
    // What a page has set before this was loaded would hide the properties.
    const before = { ...this }
    for (const name of Object.keys(before)) Reflect.deleteProperty(this, name)
    queueMicrotask(() => Object.assign(this, before))
  }
}

/** Where it is not yet: two copies in one page are one too many. On a server there is nothing to define. */
export function define(name: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements as CustomElementRegistry | undefined
  if (!registry?.get(name)) registry?.define(name, element)
}

/** An element with attributes, and text that is never read as markup. */
export const make = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] => fill(document.createElement(name), attributes, ...children)

export function fill<Kind extends Element>(
  element: Kind,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): Kind {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

/** To say the same again would be a change, too. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** By their text: one for all elements of a kind. */
const sheets = new Map<string, CSSStyleSheet>()

/** A root with this style, which a strict Content-Security-Policy allows where the browser knows such sheets (Safari 16.4). */
export function rootOf(host: HTMLElement, css: string, delegatesFocus = true): ShadowRoot {
  const root = host.attachShadow({ mode: 'open', delegatesFocus })
  try {
    const sheet = sheets.get(css) ?? new CSSStyleSheet()
    if (!sheets.has(css)) sheet.replaceSync(css)
    root.adoptedStyleSheets = [sheet]
    sheets.set(css, sheet)
  } catch {
    root.append(make('style', {}, css))
  }
  return root
}

/**
 * Colours and measures, each of which a page may set. Else they are the page's own: whether it is light or dark can't be known here,
 * so greys and reds are such as can be read on both.
 */
export const look = `
:host { display: block; font: inherit; color: var(--tintype-ink, inherit) }
:host([hidden]) { display: none }
* { box-sizing: border-box }
button, .button { font: inherit; color: inherit; min-height: 2.75rem; padding: .25rem 1rem; cursor: pointer;
  border: 1px solid var(--tintype-line, #808080); border-radius: var(--tintype-radius, .5rem);
  background: var(--tintype-surface, transparent) }
button:focus-visible, .button:has(:focus-visible) { outline: 3px solid var(--tintype-accent, #5b7be0); outline-offset: 2px }
@supports not selector(:has(*)) { .button:focus-within { outline: 3px solid var(--tintype-accent, #5b7be0); outline-offset: 2px } }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
`
