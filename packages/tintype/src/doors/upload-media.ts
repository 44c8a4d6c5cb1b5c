import type { Media } from '@tintype/protocol'
import type { Received } from '../http/receive.ts'
import type { ReadForm } from '../intake/form/form-shape.ts'

/** A media, and the form's field that its file came in. */
interface OfField {
  media: Media
  field: string | undefined
}

/** @param media what was received, as the app gets it */
export function byField(media: Media[], { made, fileFields }: Received): OfField[] {
  return media.map((one, index) => {
    // Of media that were made before, some may have been deleted since: their rows know which file each was.
    const file = made[index]?.media.request_index ?? index
    return { media: one, field: fileFields[file] }
  })
}

/** What `req.media` becomes: a list, or where the fields were named one by one, an object with the list of each. */
export function toRequest(
  media: OfField[],
  { shape, isByField }: Pick<ReadForm, 'shape' | 'isByField'>,
): Media[] | Record<string, Media[]> {
  if (!isByField) return media.map((one) => one.media)
  const lists = Array.from(shape.files.keys(), (name) => {
    return [name, media.filter(({ field }) => field === name).map((one) => one.media)] as const
  })
  return Object.fromEntries(lists)
}
