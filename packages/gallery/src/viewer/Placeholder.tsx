import type { Media } from '@tintype/protocol'

/** The media's tiny preview, blurred, until there is more to see. */
export function Placeholder({ of: { placeholder } }: { of: Media }) {
  if (!placeholder?.startsWith('data:image/')) return null
  return <span className="placeholder" style={{ backgroundImage: `url(${JSON.stringify(placeholder)})` }} />
}
