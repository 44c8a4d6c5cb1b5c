import type { AddedFile, UploadItem } from '@tintype/client'
import type { Looking } from '@tintype/client/element/uploads'
import { useCallback, useMemo, useRef, useState } from 'react'
import { inTime } from '../in-time.ts'
import type { LeftOut } from './known-files.ts'

/** Milliseconds. */
const longestLoading = 5000
export const loadKnownFiles = () => inTime(import('./known-files.ts'), longestLoading).catch(() => undefined)

/**
 * Looks for chosen files, those of one choice after those of the one before.
 *
 * @returns `look` sends those that are new, some at a time, and resolves when it is through or was cancelled
 */
export function useLooking(items: readonly UploadItem[]) {
  const [count, setCount] = useState(0)
  const queue = useRef(items)
  queue.current = items
  const controllers = useRef(new Set<AbortController>())
  const turn = useRef<Promise<unknown>>(Promise.resolve())

  const look = useCallback((files: AddedFile[], send: (fresh: AddedFile[]) => void): Promise<LeftOut> => {
    const controller = new AbortController()
    controllers.current.add(controller)
    setCount((before) => before + files.length)
    const run = async () => {
      const all: LeftOut = { known: new Map(), copies: new Map() }
      const part = await loadKnownFiles()
      const unknown = { fresh: files, known: new Map(), copies: new Map() }
      for await (const some of part?.lookFor(files, queue.current, controller) ?? [unknown]) {
        if (!controllers.current.has(controller)) break
        for (const [file, media] of some.known) all.known.set(file, media)
        for (const [file, same] of some.copies) all.copies.set(file, same)
        if (some.fresh.length > 0) send(some.fresh)
        setCount((before) => before - some.fresh.length - some.known.size - some.copies.size)
      }
      controllers.current.delete(controller)
      return all
    }
    const looked = turn.current.then(run)
    turn.current = looked.catch(() => {})
    return looked
  }, [])
  const cancel = useCallback(() => {
    for (const one of controllers.current) one.abort()
    controllers.current.clear()
    setCount(0)
  }, [])
  const looking: Looking = useMemo(() => ({ count, cancel }), [count, cancel])
  return { look, looking }
}
