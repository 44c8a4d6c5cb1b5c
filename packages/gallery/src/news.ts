import type { LibraryEvent } from '@tintype/client/library'
import { useEffect, useRef } from 'react'
import { library } from './api.ts'

/** What has happened elsewhere: to an album or its links, or to photos and videos. */
export type News = { album: string } | 'media'

/** Albums that this page deletes or has deleted: to ask for them would be in vain. */
const deletedHere = new Set<string>()

/** While it is deleted, and after that, no listener hears anything of the album; where the deletion fails, they hear again. */
export async function withoutNewsOf(album: string, deletion: () => Promise<void>): Promise<void> {
  deletedHere.add(album)
  try {
    await deletion()
  } catch (error) {
    deletedHere.delete(album)
    throw error
  }
}

const listeners = new Set<(news: News) => void>()
const tell = (news: News) => {
  for (const listener of listeners) listener(news)
}

/**
 * Listens to what happens to the owner's photos and videos. This is the page's one connection: all that is heard by it goes to
 * {@link useNews}, too.
 *
 * @param album that is shown: what is put into it or taken out of it
 */
export function listen(listener: (event: LibraryEvent) => void, album: string | undefined): () => void {
  return library.live(
    (event) => {
      listener(event)
      tell('media')
    },
    {
      onAnnounced({ topic, id }) {
        if (topic !== 'album' || deletedHere.has(id)) return
        if (id === album) listener({ type: 'reset' })
        tell({ album: id })
      },
    },
  )
}

/** Milliseconds in which much may happen, and is asked for once. */
const pause = 500

/**
 * Calls back a moment after something has happened elsewhere.
 * @param album what concerns no other; undefined: all of them
 */
export function useNews(album: string | undefined, look: () => void): void {
  const latest = useRef(look)
  latest.current = look
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const hear = (news: News) => {
      if (news !== 'media' && album !== undefined && news.album !== album) return
      timer ??= setTimeout(() => {
        timer = undefined
        if (album === undefined || !deletedHere.has(album)) latest.current()
      }, pause)
    }
    listeners.add(hear)
    return () => {
      listeners.delete(hear)
      clearTimeout(timer)
    }
  }, [album])
}
