import type { AddedFile, Uploads } from '@tintype/client'
import { useCallback, useEffect, useRef } from 'react'
import { addToAlbum } from './albums/albums.ts'
import { countMedia } from './format.ts'
import type { PhotoStore } from './photos/store.ts'
import { loadKnownFiles, useLooking } from './upload/useLooking.ts'

export interface ArrivalsOptions {
  uploads: Uploads
  store: PhotoStore
  /** That is shown: what is added meanwhile goes into it. */
  album: string | undefined
  onNews: (text: string, isError?: boolean) => void
}

/**
 * Shows what is uploaded, and puts it into the album to which it was added. What is in the gallery already, or was
 * chosen twice, is told instead of sent, unless one wants it twice; an album gets it.
 */
export function useArrivals({ uploads, store, album, onNews }: ArrivalsOptions) {
  const { items, add, remove } = uploads
  const { look, looking } = useLooking(items)
  const known = useRef(new Set<string>())
  /** The album of what is added now; of the items that are in none there is nothing in `albums`. */
  const joining = useRef<string | undefined>(undefined)
  const albums = useRef(new Map<string, string>())

  useEffect(() => {
    for (const { id } of items) {
      if (!known.current.has(id) && joining.current !== undefined) albums.current.set(id, joining.current)
      known.current.add(id)
    }
    joining.current = undefined
    for (const { id, media } of items) {
      if (!media) continue
      remove(id)
      const into = albums.current.get(id)
      const show = () => store.add([media])
      if (into === undefined) show()
      else
        addToAlbum(into, [media.id]).then(show, (error: Error) =>
          onNews(`${media.name} is in your gallery, but not in the album: ${error.message}`, true),
        )
    }
  }, [items, store, remove, onNews])

  return {
    looking,
    add: useCallback(
      async (files: AddedFile[]) => {
        const send = (some: AddedFile[]) => {
          joining.current = album
          add(some)
        }
        const { known, copies } = await look(files, send)
        if (known.size + copies.size === 0) return
        const part = await loadKnownFiles()
        part?.tellCopies(copies, send)
        if (known.size === 0) return
        const media = [...new Map([...known.values()].map((one) => [one.id, one])).values()]
        if (album === undefined) part?.tellKnown([...known.keys()], send)
        else
          addToAlbum(
            album,
            media.map(({ id }) => id),
          ).then(
            () => {
              store.add(media)
              const [were, are] = media.length === 1 ? ['was', 'is'] : ['were', 'are']
              onNews(`${countMedia(media)} ${were} in your gallery already, and ${are} in the album now.`)
            },
            (error: Error) => onNews(error.message, true),
          )
      },
      [add, look, album, store, onNews],
    ),
  }
}
