import { useEffect, useState, useSyncExternalStore } from 'react'
import { createUploads, type Uploads, type UploadsOptions } from './uploads.ts'

/**
 * A queue of uploads as a React hook, with what earlier pages left unfinished. Only the options of the first render
 * count. The queue lives as long as the component, so call the hook high up; or give it a queue that `createUploads` has made. Safe to render on a server. The functions
 * are the same in every render, and an item is the same object until it changes.
 *
 * @example
 * const { items, add, pause, resume, retry, cancel } = useUploads({ endpoint: '/api' })
 */
export function useUploads(options: UploadsOptions | Uploads): Uploads {
  const [store] = useState(() => ('subscribe' in options ? options : createUploads(options)))
  const items = useSyncExternalStore(
    store.subscribe,
    () => store.items,
    () => store.items,
  )
  useEffect(() => void store.restore(), [store])
  return { ...store, items }
}
