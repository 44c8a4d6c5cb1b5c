import type { UploadItem } from '../upload-item.ts'
import type { Uploads } from '../uploads-interface.ts'
import { define, ElementBase, look, make, rootOf } from './base.ts'
import './list-texts.ts'
import { type Texts, textsOf } from './texts.ts'

const css = `${look}
ul { list-style: none; margin: 0; padding: 0 }
li { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; padding: .5rem 0; border-bottom: 1px solid var(--tintype-line, #80808080) }
.text { flex: 1; min-width: 10rem }
.text p { margin: 0; overflow-wrap: anywhere }
.state { font-size: .875em; color: var(--tintype-ink-soft, inherit) }
li[data-state=failed] .state { color: var(--tintype-error, color-mix(in srgb, #d00 60%, currentColor)) }
progress { width: 100%; accent-color: var(--tintype-accent, #3557c9) }
`

/**
 * `<tintype-uploads for="ID">`: what is on its way, with what can be done about it. `for` names a `<tintype-drop>`; or set
 * `uploads`, a queue of `createUploads`. Parts: `list`, `row`, `name`, `state`, `bar`, `button`.
 *
 * @example
 * import '@tintype/client/element'
 * const list = document.querySelector('tintype-uploads')
 */
export class TintypeUploads extends ElementBase {
  /** Texts of this element that are other ones than its language's. */
  texts: Partial<Texts> = {}
  #queue: Uploads | undefined
  #root: ShadowRoot | undefined
  #rows = new Map<string, { item: UploadItem; row: HTMLLIElement }>()
  #leave = () => {}

  /** Of the drop that `for` names, unless it was set. */
  get uploads(): Uploads | undefined {
    return this.#queue ?? this.#drop()?.uploads
  }
  set uploads(queue: Uploads | undefined) {
    this.#queue = queue
    if (this.isConnected) this.connectedCallback()
  }

  connectedCallback(): void {
    this.#leave()
    if (!this.#root) {
      this.#root = rootOf(this, css)
      this.#root.append(make('ul', { part: 'list', 'aria-label': this.#texts().list }))
    }
    // A drop that stands later in the page, or is defined after this, is there a moment later.
    queueMicrotask(() => {
      const { uploads } = this
      if (!uploads || !this.isConnected) return
      this.#leave()
      this.#leave = uploads.subscribe(() => this.#draw(uploads))
      this.#draw(uploads)
    })
  }
  disconnectedCallback(): void {
    this.#leave()
  }

  /** In the same document or shadow tree. */
  #drop = (): (HTMLElement & { uploads?: Uploads }) | null =>
    (this.getRootNode() as Document).getElementById?.(this.getAttribute('for') ?? '')
  #texts = () => ({ ...textsOf(this).texts, ...this.texts })

  /** Rows that have not changed stay as they are, and with them the focus. */
  #draw(uploads: Uploads): void {
    const list = this.#root?.querySelector('ul')
    if (!list) return
    const ids = new Set(uploads.items.map(({ id }) => id))
    for (const [id, { row }] of this.#rows) {
      if (ids.has(id)) continue
      const next = hasFocus(row) && (row.nextElementSibling ?? row.previousElementSibling)
      row.remove()
      this.#rows.delete(id)
      if (next === false) continue
      ;(next?.querySelector<HTMLElement>('button:last-of-type') ?? this.#drop())?.focus()
    }
    for (const item of uploads.items) {
      const known = this.#rows.get(item.id)
      if (known?.item === item) continue
      const row = this.#row(item, uploads, known?.row)
      this.#rows.set(item.id, { item, row })
      if (!known) list.append(row)
    }
  }

  #row(item: UploadItem, uploads: Uploads, known?: HTMLLIElement): HTMLLIElement {
    const texts = this.#texts()
    const { id, name, state, size, sent } = item
    const row = known ?? make('li', { part: 'row' })
    const percent = size > 0 ? Math.floor((sent / size) * 100) : 0
    const isUnderWay = state === 'queued' || state === 'uploading' || state === 'checking'
    const before = row.querySelector('progress')
    const isSame = row.dataset.state === state && row.dataset.can === String(item.canPause)
    row.dataset.state = state
    row.dataset.can = String(item.canPause)
    // While it moves only numbers change: the buttons stay, and the focus on them.
    if (isSame && before) {
      before.value = percent
      const text = row.querySelector('.state')
      text?.setAttribute('aria-live', liveOf(item))
      if (text) text.textContent = this.#say(item, percent, texts)
      return row
    }
    const button = (label: string, sign: string, run: () => void) => {
      const made = make('button', { type: 'button', part: 'button', 'aria-label': label, title: label }, sign)
      made.onclick = run
      return made
    }
    const text = make(
      'div',
      { class: 'text' },
      make('p', { part: 'name' }, make('bdi', {}, name)),
      ...(isUnderWay || state === 'paused'
        ? [make('progress', { max: '100', value: String(percent), part: 'bar', 'aria-label': name })]
        : []),
      make(
        'p',
        { class: 'state', part: 'state', role: 'status', 'aria-live': liveOf(item) },
        this.#say(item, percent, texts),
      ),
    )
    const isFocused = hasFocus(row)
    const canPause = state === 'queued' || (state === 'uploading' && item.canPause)
    row.replaceChildren(
      text,
      ...(canPause ? [button(texts.pause(name), '⏸\ufe0e', () => uploads.pause(id))] : []),
      ...(state === 'paused' && !item.needsFile
        ? [button(texts.resume(name), '▶\ufe0e', () => uploads.resume(id))]
        : []),
      ...(state === 'failed' && item.error?.retryable
        ? [button(texts.retry(name), '↻', () => uploads.retry(id))]
        : []),
      button(texts.cancel(name), '✕', () => uploads.remove(id)),
    )
    if (isFocused) row.querySelector('button')?.focus()
    return row
  }

  #say({ name, state, error, waiting, needsFile }: UploadItem, percent: number, texts: Texts): string {
    if (state === 'failed') return error ? texts.error(error) : ''
    if (needsFile) return texts.chooseAgain(name)
    if (waiting?.until === null) return texts.offline
    if (waiting) {
      const time = new Intl.DateTimeFormat(textsOf(this).language, { timeStyle: 'medium' })
      return `${texts.error(waiting.error)} ${texts.tryingAgain(time.format(waiting.until))}`
    }
    if (state === 'queued' || state === 'checking' || state === 'paused' || state === 'done')
      return texts[state]
    return texts.percent(percent)
  }
}

define('tintype-uploads', TintypeUploads)

declare global {
  interface HTMLElementTagNameMap {
    'tintype-uploads': TintypeUploads
  }
}

const hasFocus = (row: Element) => {
  const { activeElement } = row.getRootNode() as ShadowRoot
  return activeElement !== null && row.contains(activeElement)
}

/** How far it is, is read when one asks: only what happens is said aloud. */
const liveOf = ({ state, waiting }: UploadItem) => (state === 'uploading' && !waiting ? 'off' : 'polite')
