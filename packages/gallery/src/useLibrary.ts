import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { getTimeline, library } from './api.ts'
import { createPhotoStore, type PhotoStore, type PhotosState } from './photos/store.ts'

export interface Library extends PhotosState {
  store: PhotoStore
}

/**
 * The photos and videos, day by day, those first that were taken last.
 *
 * @param isOpen false: nothing is requested yet
 * @param query only those with these words; empty: all
 */
export function useLibrary(isOpen: boolean, query: string): Library {
  const store = useMemo(() => createPhotoStore(sourceOf(query)), [query])
  const state = useSyncExternalStore(store.subscribe, store.get, store.get)
  useEffect(() => store.stop, [store])
  // Also after signing in again, for what could not be loaded meanwhile.
  useEffect(() => {
    if (isOpen) store.start()
  }, [store, isOpen])

  const isFailed = state.error !== null
  useEffect(() => {
    if (!isFailed) return
    const timer = setInterval(store.retry, retryEvery)
    window.addEventListener('online', store.retry)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', store.retry)
    }
  }, [store, isFailed])
  return { ...state, store }
}

/** Milliseconds. */
const retryEvery = 15_000

const sourceOf = (query: string) => ({
  list: ({ cursor, limit }: { cursor: string | null; limit: number }) =>
    library.list({ order: 'taken', cursor, limit, ...(query === '' ? {} : { search: query }) }),
  timeline: () => getTimeline(query),
  get: (id: string) => library.get(id),
  live: library.live,
  isEverything: query === '',
})
