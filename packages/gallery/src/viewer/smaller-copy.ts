import { type Media, uprightSize } from '@tintype/protocol'
import type { Box } from '../api.ts'

/** Where the server tells of none: `view` is as large as fits into it. */
const usualView: Box = { width: 2048, height: 2048 }

/**
 * Whether `view` has fewer pixels than the photo: one that fits into its box has as many there.
 * @param view that box, in which the variants of today are made; a photo from before a change of it may have an other one
 */
export function hasSmallerCopy(
  media: Pick<Media, 'urls' | 'width' | 'height' | 'turned'>,
  view: Box = usualView,
): boolean {
  const { width, height } = uprightSize(media)
  return media.urls.view !== undefined && (width > view.width || height > view.height)
}
