import { useEffect, useState, useSyncExternalStore } from 'react'
import { createUploads, type Uploads, type UploadsOptions } from './uploads.ts'

/**
 * A queue of uploads that renders with the component, and holds what earlier pages have left unfinished. The
 * options of the first render count; the queue lives as long as the component, so call it high up. Safe to
 * render on a server. The functions are the same in every render, an item is the same object until it changes.
 *
 * ```tsx
 * const { items, add, pause, resume, retry, cancel } = useUploads({ endpoint: '/api' })
 * ```
 */
export function useUploads(options: UploadsOptions): Uploads {
  const [store] = useState(() => createUploads(options))
  const items = useSyncExternalStore(
    store.subscribe,
    () => store.items,
    () => store.items,
  )
  useEffect(() => void store.restore(), [store])
  return { ...store, items }
}
