import type { Media } from '@tintype/protocol'
import type { AddedFile } from '../added-file.ts'
import type { Credentials, RequestHeaders } from '../transport.ts'
import { createUploads, type Uploads } from '../uploads.ts'
import { define, ElementBase } from './base.ts'
import { createField, type Field } from './drop-field.ts'
import type { LeftOut } from './left-out.ts'
import { setTexts, type Texts } from './texts.ts'

export { type AddedFile, type LeftOut, setTexts, type Texts }

/**
 * `<tintype-drop endpoint="/api">`: a button and a place to drop photos and videos on, folders too. Attributes: `endpoint` ("/api"
 * where it is left out), `accept`, `single` for one file alone, `whole-page` to take what is dropped anywhere in the window,
 * `paste` to take pictures from the clipboard. Events: `files`, whose `detail` is an array of AddedFile, before they are added: who
 * cancels it adds them; `leftout`, whose `detail` is a LeftOut, and which is shown unless it is cancelled; `media`, whose `detail`
 * is a Media, for each file that is there. Parts: `zone`, `button`, `hint`, `note`, `overlay`. What stands inside it takes the
 * place of the hint; with `slot="button"` or `slot="overlay"`, that of the words there.
 *
 * @example
 * import '@tintype/client/element'
 * document.querySelector('tintype-drop')?.addEventListener('media', (event) => console.log((event as CustomEvent).detail))
 */
export class TintypeDrop extends ElementBase {
  // Fields are set in the constructor: for Safari 15 bundlers make much more of others.
  /** As of `createUploads`; set before the first file is added. */
  declare headers: RequestHeaders | undefined
  /** As of `createUploads`; set before the first file is added. */
  declare credentials: Credentials | undefined
  declare private field: Field
  declare private queue: Uploads | null | undefined

  static get observedAttributes(): string[] {
    return ['accept', 'paste', 'single', 'whole-page']
  }

  constructor() {
    super()
    this.headers = undefined
    this.credentials = undefined
    this.field = createField(this)
  }

  /** Texts of this element that are other ones than its language's. */
  get texts(): Partial<Texts> {
    return this.field.texts
  }
  set texts(texts: Partial<Texts>) {
    this.field.texts = texts
    if (this.isConnected) this.field.say()
  }

  /** The queue: give one to share it with the rest of the page; or null, and none is made before a file is added to it. */
  get uploads(): Uploads {
    this.queue ??= createUploads({
      endpoint: this.getAttribute('endpoint') ?? '/api',
      ...(this.headers === undefined ? {} : { headers: this.headers }),
      ...(this.credentials === undefined ? {} : { credentials: this.credentials }),
      onMedia: (detail: Media) => {
        this.dispatchEvent(new CustomEvent('media', { detail, bubbles: true, composed: true }))
      },
    })
    return this.queue
  }
  set uploads(queue: Uploads | null) {
    this.queue = queue
  }

  /** Opens the dialog as a press of the button does. Browsers let it open after a press of something alone. */
  choose(): void {
    this.field.choose()
  }

  connectedCallback(): void {
    this.field.say()
    this.field.listen()
    // Frameworks set properties after the element is in the page.
    queueMicrotask(() => {
      if (this.isConnected && this.queue !== null) void this.uploads.restore()
    })
  }
  disconnectedCallback(): void {
    this.field.leave()
  }
  attributeChangedCallback(): void {
    if (this.isConnected) this.field.listen()
  }
}

define('tintype-drop', TintypeDrop)

declare global {
  interface HTMLElementTagNameMap {
    'tintype-drop': TintypeDrop
  }
}
