import { sizes, srcset } from '@tintype/client/images'
import type { Media } from '@tintype/protocol'

/** Each screen gets the smallest picture that is sharp on it. */
export function Photos({ media, remove }: { media: Media[]; remove: (id: string) => Promise<unknown> }) {
  return (
    <ul aria-label="Photos" className="photos">
      {media.map((one) => (
        <li key={one.id}>
          <img
            src={one.urls.thumb}
            srcSet={srcset(one)}
            sizes={sizes(one, { width: '10rem' })}
            width={one.width}
            height={one.height}
            alt={one.alt ?? ''}
          />
          <p>{one.name}</p>
          <button type="button" aria-label={`Delete ${one.name}`} onClick={() => void remove(one.id)}>
            Delete
          </button>
        </li>
      ))}
    </ul>
  )
}
