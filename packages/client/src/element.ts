/** Web components for uploads and pictures: to import this module defines them. */
import { TintypeDrop } from './element/drop.ts'
import { TintypeImage } from './element/image.ts'
import { TintypeUploads } from './element/uploads-list.ts'

export type { PictureMedia } from './element/image.ts'
export { setTexts, type Texts } from './element/texts.ts'
export { TintypeDrop, TintypeImage, TintypeUploads }

const elements = {
  'tintype-drop': TintypeDrop,
  'tintype-uploads': TintypeUploads,
  'tintype-image': TintypeImage,
}

declare global {
  interface HTMLElementTagNameMap {
    'tintype-drop': TintypeDrop
    'tintype-uploads': TintypeUploads
    'tintype-image': TintypeImage
  }
}

// On a server there is nothing to define; two copies in one page are one too many.
const registry = globalThis.customElements as CustomElementRegistry | undefined
for (const [name, element] of Object.entries(elements))
  if (!registry?.get(name)) registry?.define(name, element)
