import { useState, useSyncExternalStore } from 'react'
import { createUploads, type Uploads, type UploadsOptions } from './uploads.ts'

/**
 * A queue of uploads that renders with the component. The options of the first render count; the queue
 * lives as long as the component, so call it high up. Safe to render on a server.
 *
 * ```tsx
 * const { items, add, retry } = useUploads({ endpoint: '/api' })
 * ```
 */
export function useUploads(options: UploadsOptions): Uploads {
  const [store] = useState(() => createUploads(options))
  const items = useSyncExternalStore(
    store.subscribe,
    () => store.items,
    () => store.items,
  )
  return { ...store, items }
}
