import type { Media } from '@tintype/protocol'

/**
 * The media's tiny preview, blurred, until the picture is loaded. What was added just now shows its thumb: sizes of it are
 * still to be made, which may take seconds.
 */
export function Placeholder({ of: { placeholder, createdAt, urls } }: { of: Media }) {
  const thumb = isNew(createdAt) ? urls.thumb : undefined
  const pictures = [thumb, placeholder?.startsWith('data:image/') ? placeholder : undefined]
  const backgroundImage = pictures.flatMap((url) => (url ? [`url(${JSON.stringify(url)})`] : [])).join()
  if (backgroundImage === '') return null
  return <span className="placeholder" data-sharp={thumb !== undefined} style={{ backgroundImage }} />
}

/** Whether that was in the last minute, by this clock. */
const isNew = (time: string) => Math.abs(Date.now() - Date.parse(time)) < 60_000
