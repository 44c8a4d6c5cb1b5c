import { make } from './base.ts'
import { icon } from './buttons.ts'

/** Types that every browser draws. */
const drawn = /^image\/(jpeg|png|gif|webp|avif)$/
/** Bytes: to decode a larger one for 40 pixels takes too much memory on a phone. */
const largest = 30_000_000

/** The picture itself, from the file that is here already. */
export function createPreview() {
  const element = make('span', { part: 'preview' })
  let shown: File | null | undefined = null
  let url = ''
  const end = () => URL.revokeObjectURL(url)
  return {
    element,
    show(file: File | undefined) {
      if (file === shown) return
      end()
      shown = file
      const image = make('img', { alt: '', decoding: 'async' })
      const isDrawn = file && drawn.test(file.type) && file.size <= largest
      if (isDrawn) {
        url = URL.createObjectURL(file)
        image.src = url
        image.onerror = () => image.replaceWith(icon('file'))
      }
      element.replaceChildren(isDrawn ? image : icon('file'))
    },
    end,
  }
}
