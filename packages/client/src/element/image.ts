import { uprightSize } from '@tintype/protocol'
import { type ShownMedia, sizes, srcset } from '../images.ts'
import { define, ElementBase, make, rootOf, setStyle } from './base.ts'

const css = `
:host { display: inline-block; position: relative; overflow: hidden; max-width: 100% }
:host([hidden]) { display: none }
img { display: block; width: 100%; height: 100%; object-fit: var(--tintype-fit, contain) }
.placeholder { position: absolute; inset: 0; filter: blur(8px); object-fit: var(--tintype-fit, contain) }
`

/** What an image needs of a media. */
export type PictureMedia = ShownMedia & {
  placeholder?: string | null
  alt?: string | null
  caption?: string | null
  name?: string
}

/**
 * `<tintype-image>`: a photo, or a video's poster, as sharp as its place needs and no larger, with a preview until it is
 * there. Set `media`. Attributes: `endpoint` ("/api" where it is left out), `width` and `height` of its place as CSS writes lengths,
 * `alt`. Parts: `image`, `placeholder`.
 *
 * @example
 * import '@tintype/client/element'
 * const image = document.createElement('tintype-image')
 */
export class TintypeImage extends ElementBase {
  static readonly observedAttributes = ['alt', 'endpoint', 'width', 'height']
  #media: PictureMedia | undefined
  #root: ShadowRoot | undefined

  /** What is shown. */
  get media(): PictureMedia | undefined {
    return this.#media
  }
  set media(media: PictureMedia | undefined) {
    this.#media = media
    this.#draw()
  }
  connectedCallback(): void {
    this.#draw()
  }
  attributeChangedCallback(): void {
    this.#draw()
  }

  #draw(): void {
    const media = this.#media
    if (!this.isConnected || !media) return
    this.#root ??= rootOf(this, css)
    for (const old of this.#root.querySelectorAll('img')) old.remove()
    const endpoint = this.getAttribute('endpoint') ?? '/api'
    const height = this.getAttribute('height')
    const box = { width: this.getAttribute('width') ?? '100vw', ...(height === null ? {} : { height }) }
    const alt = this.getAttribute('alt') ?? media.alt ?? media.caption ?? media.name ?? ''
    const image = make('img', { part: 'image', alt, decoding: 'async', loading: 'lazy' })
    const size = uprightSize(media)
    image.width = size.width
    image.height = size.height
    const all = srcset(media, { endpoint })
    image.sizes = sizes(media, box)
    // As large from the start as it will be: what stands below is not moved, and the preview is seen. The page's own style goes before.
    setStyle(
      this.#root,
      `${css}:host { width: ${image.sizes}; aspect-ratio: ${size.width} / ${size.height} }`,
    )
    if (all !== '') image.srcset = all
    const { thumb, poster } = media.urls
    const small = thumb ?? poster ?? (media.kind === 'image' ? media.urls.original : undefined)
    if (small !== undefined) image.src = small
    this.#root.append(image)
    if (!media.placeholder) return
    const preview = make('img', { part: 'placeholder', class: 'placeholder', alt: '', 'aria-hidden': 'true' })
    preview.src = media.placeholder
    // Gone once the photo is there: it would show through what is transparent.
    image.onload = () => preview.remove()
    this.#root.append(preview)
  }
}

define('tintype-image', TintypeImage)
