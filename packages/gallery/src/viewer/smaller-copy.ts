import { type Media, uprightSize } from '@tintype/protocol'

/** Pixels across of `view`, unless the server is configured otherwise, which pages are not told. */
const viewWidth = 2048

/** Whether `view` has fewer pixels than the photo: one that is not wider has as many there. */
export function hasSmallerCopy(media: Pick<Media, 'urls' | 'width' | 'height' | 'turned'>) {
  return media.urls.view !== undefined && uprightSize(media).width > viewWidth
}
