import { knownTypes, type Media } from '@tintype/protocol'
import { isSupported } from '../check.ts'
import type { Credentials, RequestHeaders } from '../transport.ts'
import { createUploads, type Uploads } from '../uploads.ts'
import { ElementBase, look, make, rootOf } from './base.ts'
import { type Texts, textsOf } from './texts.ts'

const css = `${look}
.zone { display: grid; gap: .5rem; place-items: center; padding: var(--tintype-space, 1.5rem); text-align: center;
  border: 2px dashed var(--tintype-line, #808080); border-radius: var(--tintype-radius, .5rem) }
.zone[data-over] { border-color: var(--tintype-accent, #3557c9); background: color-mix(in srgb, var(--tintype-accent, #3557c9) 10%, transparent) }
.button { display: inline-grid; place-items: center; position: relative;
  background: var(--tintype-accent, #3557c9); color: var(--tintype-on-accent, #fff); border-color: transparent }
input { position: absolute; inset: 0; opacity: 0; cursor: pointer }
@media (hover: none) { [part=hint] { display: none } }
`

/** Milliseconds without a `dragover`, of which browsers send several a second, after which a drag is over that was cancelled untold. */
const longestSilence = 1000

/**
 * `<tintype-drop endpoint="/api">`: a button and a place to drop photos and videos on. Attributes: `endpoint` ("/api" where it is
 * left out), `accept`, `single` for one file alone. Events: `media`, whose `detail` is a Media, for each file that is there.
 * Parts: `zone`, `button`, `hint`. What stands inside it takes the place of the hint.
 *
 * @example
 * import '@tintype/client/element'
 * document.querySelector('tintype-drop')?.addEventListener('media', (event) => console.log((event as CustomEvent).detail))
 */
export class TintypeDrop extends ElementBase {
  /** As of `createUploads`; set before the first file is added. */
  headers: RequestHeaders | undefined
  /** As of `createUploads`; set before the first file is added. */
  credentials: Credentials | undefined
  /** Texts of this element that are other ones than its language's. */
  texts: Partial<Texts> = {}
  #queue: Uploads | undefined
  #root: ShadowRoot | undefined

  /** The queue: give one to share it with the rest of the page. */
  get uploads(): Uploads {
    this.#queue ??= createUploads({
      endpoint: this.getAttribute('endpoint') ?? '/api',
      ...(this.headers === undefined ? {} : { headers: this.headers }),
      ...(this.credentials === undefined ? {} : { credentials: this.credentials }),
      onMedia: (detail: Media) => {
        this.dispatchEvent(new CustomEvent('media', { detail, bubbles: true, composed: true }))
      },
    })
    return this.#queue
  }
  set uploads(queue: Uploads) {
    this.#queue = queue
  }

  connectedCallback(): void {
    this.#root ??= rootOf(this, css)
    this.#draw(this.#root)
    void this.uploads.restore()
  }

  #draw(root: ShadowRoot): void {
    const texts = { ...textsOf(this).texts, ...this.texts }
    for (const old of root.querySelectorAll('.zone')) old.remove()
    if (!isSupported()) {
      root.append(make('p', { class: 'zone', part: 'zone', role: 'alert' }, texts.tooOld))
      return
    }
    const input = make('input', {
      type: 'file',
      accept: this.getAttribute('accept') ?? knownTypes.join(),
      'aria-label': texts.choose,
    })
    input.multiple = !this.hasAttribute('single')
    const add = (files: Iterable<File>) => {
      const all = [...files]
      this.uploads.add(input.multiple ? all : all.slice(0, 1))
    }
    input.onchange = () => {
      add(input.files ?? [])
      // Choosing the same file again has to be a change again.
      input.value = ''
    }
    const zone = make(
      'div',
      { class: 'zone', part: 'zone' },
      make('label', { class: 'button', part: 'button' }, texts.choose, input),
      make('slot', {}, make('span', { part: 'hint' }, texts.orDrop)),
    )
    let silence: ReturnType<typeof setTimeout> | undefined
    const over = (event: DragEvent, is: boolean) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      zone.toggleAttribute('data-over', is)
      clearTimeout(silence)
      if (is) silence = setTimeout(() => zone.removeAttribute('data-over'), longestSilence)
    }
    zone.ondragover = (event) => over(event, true)
    zone.ondragleave = (event) => over(event, false)
    zone.ondrop = (event) => {
      over(event, false)
      add(event.dataTransfer?.files ?? [])
    }
    root.append(zone)
  }
}
