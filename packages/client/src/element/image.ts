import { uprightSize } from '@tintype/protocol'
import { type ShownMedia, sizes, srcset } from '../images.ts'
import { define, ElementBase, make, rootOf } from './base.ts'

/** As large from the start as it will be: what stands below is not moved, and the preview is seen. The page's own style goes before. */
const css = `
:host { display: inline-block; position: relative; overflow: hidden; max-width: 100%;
  width: var(--tintype-image-width); aspect-ratio: var(--tintype-image-ratio) }
:host([hidden]) { display: none }
img { display: block; position: relative; width: 100%; height: 100%; object-fit: var(--tintype-fit, contain); opacity: 0 }
img[data-shown] { opacity: 1 }
.placeholder { position: absolute; inset: 0; background: center / var(--tintype-fit, contain) no-repeat }
.blurred { filter: blur(8px); scale: 1.1 }
@media (prefers-reduced-motion: no-preference) { img { transition: opacity .2s } }
`

/** What an image needs of a media. */
export type PictureMedia = ShownMedia & {
  placeholder?: string | null
  alt?: string | null
  caption?: string | null
  name?: string
  createdAt?: string
}

/** Of an `<img>`: all widths with the one to begin with, or one picture alone. */
interface Source {
  srcset: string
  src: string | undefined
}

/**
 * `<tintype-image>`: a photo, or a video's poster, as sharp as its place needs and no larger, with a preview until it is
 * there: its thumb where it was added just now, since other widths have still to be made. Set `media`. Attributes: `endpoint` ("/api" where
 * it is left out), `width` and `height` of its place as CSS writes lengths, `alt`, `loading` ("lazy" where it is left out). Where a width
 * can't be had, the next best picture is shown. Events: `stale`, once, when a signed address doesn't load, as it has expired: who hears of
 * it sets `media` as it is now; as of an `<img>`, `load`, and `error` when there is no picture to show. Parts: `image`, `placeholder`.
 *
 * @example
 * import '@tintype/client/element'
 * const image = document.createElement('tintype-image')
 */
export class TintypeImage extends ElementBase {
  static readonly observedAttributes = ['alt', 'endpoint', 'width', 'height', 'loading']
  #media: PictureMedia | undefined
  #root: ShadowRoot | undefined
  #image: HTMLImageElement | undefined
  #preview: HTMLElement | undefined
  /** Those that have not failed yet; the first is shown. */
  #sources: readonly Source[] = []
  /** Of the picture that is shown, or that failed. */
  #all = ''
  #isStale = false
  /** Of the addresses of now. */
  #hasExpired = false

  /** What is shown. */
  get media(): PictureMedia | undefined {
    return this.#media
  }
  set media(media: PictureMedia | undefined) {
    if (media?.id !== this.#media?.id) {
      this.#isStale = false
      delete this.#image?.dataset.shown
    }
    this.#media = media
    this.#draw()
  }
  /** The address of the picture that the browser has chosen; empty before that. */
  get currentSrc(): string {
    return this.#image?.currentSrc ?? ''
  }
  /** Whether a picture is shown. */
  get complete(): boolean {
    return this.#image?.dataset.shown === 'true'
  }
  connectedCallback(): void {
    this.#draw()
  }
  attributeChangedCallback(): void {
    this.#draw()
  }

  #draw(): void {
    const media = this.#media
    if (!media) this.#clear()
    if (!this.isConnected || !media) return
    this.#root ??= rootOf(this, css)
    this.#image ??= this.#makeImage(this.#root)
    const image = this.#image
    image.loading = this.getAttribute('loading') === 'eager' ? 'eager' : 'lazy'
    const height = this.getAttribute('height')
    const box = { width: this.getAttribute('width') ?? '100vw', ...(height === null ? {} : { height }) }
    const size = uprightSize(media)
    image.alt = this.getAttribute('alt') ?? media.alt ?? media.caption ?? media.name ?? ''
    image.width = size.width
    image.height = size.height
    image.sizes = sizes(media, box)
    this.style.setProperty('--tintype-image-width', image.sizes)
    this.style.setProperty('--tintype-image-ratio', `${size.width} / ${size.height}`)
    const sources = sourcesOf(media, this.getAttribute('endpoint') ?? '/api')
    const all = JSON.stringify(sources)
    // A change of anything else loads nothing again, where it did load.
    if (all === this.#all && !this.#hasExpired) return
    this.#all = all
    this.#sources = sources
    this.#hasExpired = false
    this.#preview?.remove()
    this.#preview = previewOf(media)
    if (this.#preview && !this.complete) image.before(this.#preview)
    this.#show(image)
  }

  #clear(): void {
    for (const image of this.#root?.querySelectorAll('img') ?? []) image.remove()
    this.#preview?.remove()
    this.#image = undefined
    this.#all = ''
  }
  #makeImage(root: ShadowRoot): HTMLImageElement {
    const image = make('img', { part: 'image', decoding: 'async' })
    image.onload = () => {
      // The next best picture is no sign that the better one can be had again: it would be asked for without end.
      if (!this.#hasExpired) this.#isStale = false
      image.dataset.shown = 'true'
      this.dispatchEvent(new CustomEvent('load'))
      const preview = this.#preview
      // It would show through what is transparent.
      Promise.allSettled(image.getAnimations().map(({ finished }) => finished)).then(() => preview?.remove())
    }
    image.onerror = () => {
      const [failed, ...others] = this.#sources
      this.#sources = others
      this.#show(image)
      // Widths have an address that does not expire.
      if (failed?.srcset !== '' && others.length > 0) return
      this.#hasExpired = true
      if (this.#isStale) return
      this.#isStale = true
      this.dispatchEvent(new CustomEvent('stale', { bubbles: true, composed: true }))
    }
    root.append(image)
    return image
  }
  #show(image: HTMLImageElement): void {
    const { srcset = '', src } = this.#sources[0] ?? {}
    for (const [name, value] of Object.entries({ srcset, src }))
      if (value) image.setAttribute(name, value)
      else image.removeAttribute(name)
    if (this.#sources.length > 0) return
    delete image.dataset.shown
    // Also a listener that is added right after `media` was set hears it.
    queueMicrotask(() => this.dispatchEvent(new CustomEvent('error')))
  }
}

/** Undefined where there is none. */
function previewOf({ placeholder, createdAt, urls }: PictureMedia): HTMLElement | undefined {
  const thumb = isNew(createdAt) ? urls.thumb : undefined
  const pictures = [thumb, placeholder].flatMap((url) => (url ? [`url(${JSON.stringify(url)})`] : []))
  if (pictures.length === 0) return undefined
  const preview = make('div', { part: 'placeholder', class: thumb ? 'placeholder' : 'placeholder blurred' })
  preview.style.backgroundImage = pictures.join()
  return preview
}

/** Whether that was in the last minute, by this clock. */
const isNew = (time = '') => Math.abs(Date.now() - Date.parse(time)) < 60_000

/** The best first. The original, which may be large, only where there is nothing smaller. */
function sourcesOf(media: PictureMedia, endpoint: string): Source[] {
  const { thumb, poster, original } = media.urls
  const made = [thumb, poster].filter((url) => url !== undefined)
  const all = srcset(media, { endpoint })
  const sources = made.map((src) => ({ srcset: '', src }))
  if (all !== '') return [{ srcset: all, src: made[0] }, ...sources]
  return made.length > 0 || media.kind !== 'image' ? sources : [{ srcset: '', src: original }]
}

define('tintype-image', TintypeImage)

declare global {
  interface HTMLElementTagNameMap {
    'tintype-image': TintypeImage
  }
}
