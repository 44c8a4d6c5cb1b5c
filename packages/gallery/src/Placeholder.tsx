import type { Media } from '@tintype/protocol'

/** The tiny preview that is part of the media, blurred, until the picture is there. */
export function Placeholder({ of: { placeholder } }: { of: Media }) {
  if (!placeholder?.startsWith('data:image/')) return null
  return <span className="placeholder" style={{ backgroundImage: `url(${JSON.stringify(placeholder)})` }} />
}
