import type { Uploads } from '../uploads-interface.ts'
import { define, ElementBase } from './base.ts'
import './drop.ts'
import { createList, type List } from './list.ts'
import './list-texts.ts'
import type { Looking, NoteAction } from './list-view.ts'
import { setTexts, type Texts } from './texts.ts'

export { type Looking, type NoteAction, setTexts, type Texts }

/**
 * `<tintype-uploads for="ID">`: what is on its way, with what can be done about it, and how it ended; nothing where there is nothing
 * to show. `for` names a `<tintype-drop>`; or set `uploads`, a queue of `createUploads`. With `floating` it is a tray in the corner of
 * the window, which folds by itself where it would cover much. While it shows something, it has the attribute `data-shown`. Parts:
 * `tray`, `header`, `summary`, `pace`, `list`, `row`, `preview`, `name`, `state`, `bar`, `button`, `more`.
 *
 * @example
 * import '@tintype/client/element'
 * document.querySelector('tintype-uploads')?.note('plan.txt', 'It is no photo or video.')
 */
export class TintypeUploads extends ElementBase {
  // Fields are set in the constructor: for Safari 15 bundlers make much more of others.
  declare private list: List
  declare private queue: Uploads | undefined

  static get observedAttributes(): string[] {
    return ['for']
  }

  constructor() {
    super()
    this.queue = undefined
    this.list = createList(this, () => this.drop())
  }

  /** Of the drop that `for` names, unless it was set. */
  get uploads(): Uploads | undefined {
    return this.queue ?? this.drop()?.uploads
  }
  set uploads(queue: Uploads | undefined) {
    this.queue = queue
    if (this.isConnected) this.connectedCallback()
  }

  /** Texts of this element that are other ones than its language's. */
  get texts(): Partial<Texts> {
    return this.list.texts
  }
  set texts(texts: Partial<Texts>) {
    this.list.say(texts)
  }

  /** Files that the page looks at before it adds them: they have a row, and count as under way. */
  get looking(): Looking | undefined {
    return this.list.looking
  }
  set looking(looking: Looking | undefined) {
    this.list.looking = looking
    this.list.draw()
  }

  /** Says in a row of its own what was left out, and why, until it is dismissed. */
  note(about: string, text: string, action?: NoteAction): void {
    this.list.note(about, text, action)
  }

  connectedCallback(): void {
    // A drop that stands later in the page, or is defined after this, is there a moment later.
    queueMicrotask(() => {
      if (this.isConnected) this.list.follow(this.uploads)
    })
  }
  disconnectedCallback(): void {
    this.list.leave()
  }
  attributeChangedCallback(): void {
    if (this.isConnected) this.connectedCallback()
  }

  /** In the same document or shadow tree. */
  private drop(): (HTMLElement & { uploads?: Uploads }) | null {
    return (this.getRootNode() as Document).getElementById?.(this.getAttribute('for') ?? '')
  }
}

define('tintype-uploads', TintypeUploads)

declare global {
  interface HTMLElementTagNameMap {
    'tintype-uploads': TintypeUploads
  }
}
