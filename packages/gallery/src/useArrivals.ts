import type { AddedFile, Uploads } from '@tintype/client'
import { useCallback, useLayoutEffect, useRef } from 'react'
import { addToAlbum } from './albums/albums.ts'
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
  /** The album of what is added now. */
  const joining = useRef<string[]>([])
  /** Of each item in the queue: none, where it was added to the gallery alone. */
  const albums = useRef(new Map<string, Set<string>>())

  // Before anything is painted: the tray would show for a moment what is done.
  useLayoutEffect(() => {
    const before = albums.current
    const now = joining.current
    albums.current = new Map()
    joining.current = []
    for (const { id, media } of items) {
      const into = before.get(id) ?? new Set(now)
      if (!media) {
        albums.current.set(id, into)
        continue
      }
      remove(id)
      Promise.all([...into].map((one) => addToAlbum(one, [media.id]))).then(
        () => store.add([media]),
        (error: Error) =>
          onNews(`${media.name} is in your gallery, but not in the album: ${error.message}`, true),
      )
    }
  }, [items, store, remove, onNews])

  return {
    looking,
    add: useCallback(
      async function arrive(files: AddedFile[]): Promise<void> {
        const send = (some: AddedFile[]) => {
          joining.current = album === undefined ? [] : [album]
          add(some)
        }
        const { known, copies } = await look(files, send)
        if (known.size + copies.size === 0) return
        const part = await loadKnownFiles()
        const gone = part?.takeQueued(copies, albums.current, album) ?? []
        if (gone.length > 0) void arrive(gone)
        part?.tellCopies(copies, send)
        if (album === undefined) part?.tellKnown([...known.keys()], send)
        else if (known.size > 0) part?.addKnown(album, known.values(), onNews).then(store.add)
      },
      [add, look, album, store, onNews],
    ),
  }
}
