import { sizes } from '@tintype/client/images'
import { imageWidthsOf, type Media, routes } from '@tintype/protocol'
import { endpoint } from '../api.ts'

/** For `sizes`, as in viewer.css. @param isBeside the details stand beside the stage where there is room */
export function screenSizes(media: Media, isBeside: boolean): string {
  const all = sizes(media, { width: '100vw', height: '100vh' })
  const beside = sizes(media, { width: '100vw - 22rem', height: '100vh' })
  return isBeside ? `(max-width: 52rem) ${all}, ${beside}` : all
}

/** What browsers at large show. The others are asked for as the largest picture that is made of them. */
const shownTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']

/** The sharpest picture of a photo that this browser can show, standing as its smaller ones do. */
export function originalOf(media: Media): string | undefined {
  const { id, type, urls, sha256, turned } = media
  if (shownTypes.includes(type) && !turned && urls.original !== '') return urls.original
  const width = imageWidthsOf(media).at(-1)
  return width === undefined
    ? undefined
    : `${endpoint}${routes.mediaImage(id, { width })}&v=${sha256.slice(0, 8)}`
}
