import { createLibrary } from '@tintype/client/library'
import { albumRoutes } from '@tintype/protocol'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { askToSignIn, endpoint, getTimeline, library, zone } from './api.ts'
import { listen } from './news.ts'
import { createPhotoStore, type PhotoStore, type PhotosSource, type PhotosState } from './photos/store.ts'
import { useRetry } from './useRetry.ts'

export interface Library extends PhotosState {
  store: PhotoStore
}

/**
 * The photos and videos, day by day, those first that were taken last.
 *
 * @param isOpen false: nothing is requested yet
 * @param query only those with these words, or taken on these days; empty: all
 * @param album only those that are in it
 */
export function useLibrary(isOpen: boolean, query: string, album?: string): Library {
  /** Kept for those who come back from a search or an album: what they left is there at once. */
  const [all] = useState(() => createPhotoStore(sourceOf('', undefined)))
  const isAll = query === '' && album === undefined
  return useStore(
    isOpen,
    useMemo(() => (isAll ? all : createPhotoStore(sourceOf(query, album))), [isAll, all, query, album]),
  )
}

/** What a store knows, which begins once it may ask. */
export function useStore(isOpen: boolean, store: PhotoStore): Library {
  const state = useSyncExternalStore(store.subscribe, store.get, store.get)
  useEffect(() => store.stop, [store])
  // Also after signing in again, for what could not be loaded meanwhile.
  useEffect(() => {
    if (isOpen) store.start()
  }, [store, isOpen])

  useRetry(state.error !== null, store.retry)
  return { ...state, store }
}

function sourceOf(query: string, album: string | undefined): PhotosSource {
  const mount = album === undefined ? endpoint : endpoint + albumRoutes.album(album)
  const { list } = album === undefined ? library : createLibrary({ endpoint: mount, signIn: askToSignIn })
  return {
    list: ({ cursor, limit }) =>
      list({ order: 'taken', cursor, limit, ...(query === '' ? {} : { search: query, zone }) }),
    timeline: () => getTimeline(query, mount),
    get: library.get,
    live: (listener) => listen(listener, album),
    onNew: album !== undefined ? 'ask' : query === '' ? 'show' : 'leave',
  }
}
