import type { Media } from '@tintype/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'
import { library, removeMany } from './api.ts'
import { forEach } from './for-each.ts'
import { count, countMedia } from './format.ts'
import type { PhotoStore } from './photos/store.ts'
import { describeRemoval, keepRemoval, type Removal, readRemoval } from './removals.ts'

/** A line over the page, with what can be done about it. */
export interface ToastContent {
  text: string
  isError?: boolean
  /** It stays until there is more to tell. */
  isUnderWay?: boolean
  /** Tells of the last deletion: what can be done is to undo it. */
  isOfRemoval?: boolean
  action?: { label: string; run: () => void }
}

export interface DeletionOptions {
  /** Takes them out of what is shown. */
  hide(ids: readonly string[]): void
  /** Puts them back. */
  show(media: readonly Media[]): void
  /** Around the work of the server: what it tells of these meanwhile is known here. */
  during: PhotoStore['during']
}

/** Milliseconds for which a line stays that offers something, or tells what went wrong. */
const shownFor = 30_000
/** Milliseconds, of one that has but to be read. */
const readIn = 6000

/** Deletes at once, and offers to undo it: also after a reload, since the server keeps what was deleted for a while. */
export function useDeletion({ hide, show, during }: DeletionOptions) {
  const [toast, setToast] = useState<ToastContent | null>(null)
  const [removal, setRemoval] = useState<Removal | null>(() => readRemoval(Date.now()))
  const say = useCallback((next: ToastContent | null) => setToast(next), [])

  const undo = useCallback(async () => {
    if (!removal) return
    const { ids } = removal
    setRemoval(null)
    keepRemoval(null)
    const what = ids.length === 1 ? 'it' : count(ids.length, 'file')
    say({ text: `Restoring ${what}…`, isUnderWay: true })
    const restored: Media[] = []
    const failures: { id: string; error: Error }[] = []
    await during('restored', ids, async () => {
      await forEach(ids, 4, async (id) => {
        try {
          restored.push(await library.restore(id))
        } catch (error) {
          failures.push({ id, error: error as Error })
        }
      })
      show(restored)
    })
    if (failures.length === 0) return say({ text: 'Restored.' })
    const left = { ...removal, ids: failures.map(({ id }) => id) }
    setRemoval(left)
    keepRemoval(left)
    const [first] = failures
    say({
      text: `${count(failures.length, 'file')} could not be restored: ${first?.error.message}`,
      isError: true,
      isOfRemoval: true,
    })
  }, [removal, say, show, during])

  const remove = useCallback(
    async (media: readonly Media[]) => {
      const ids = media.map(({ id }) => id)
      hide(ids)
      const what = media.length === 1 ? '' : ` ${countMedia(media)}`
      setToast({ text: `Deleting${what}…`, isUnderWay: true })
      const { until, failures } = await during('removed', ids, () => removeMany(ids))
      show(media.filter(({ id }) => failures.has(id)))
      const gone = media.filter(({ id }) => !failures.has(id))
      const [reason] = failures.values()
      const failed =
        reason === undefined ? '' : `${count(failures.size, 'file')} could not be deleted: ${reason}`
      if (gone.length === 0) return setToast({ text: failed, isError: true })
      const kinds = new Set(gone.map(({ kind }) => (kind === 'video' ? 'video' : 'photo')))
      const [kind = 'photo', another] = kinds
      const made: Removal = {
        ids: gone.map(({ id }) => id),
        name: gone.length === 1 ? (gone[0]?.name ?? null) : null,
        kind: another ? 'mixed' : kind,
        until: until ?? '',
        at: Date.now(),
      }
      const kept = until === null ? null : made
      setRemoval(kept)
      keepRemoval(kept)
      setToast({
        text: `${describeRemoval(made)} ${failed}`.trim(),
        isError: failed !== '',
        isOfRemoval: true,
      })
    },
    [hide, show, during],
  )

  const dismiss = useCallback(() => {
    setToast(null)
    setRemoval(null)
    keepRemoval(null)
  }, [])

  /** These were restored, or deleted for good, elsewhere: there is nothing to undo about them. */
  const settle = useCallback(
    (settled: readonly string[]) => {
      if (!removal) return
      const ids = removal.ids.filter((id) => !settled.includes(id))
      if (ids.length === removal.ids.length) return
      const left = ids.length > 0 ? { ...removal, ids } : null
      setRemoval(left)
      keepRemoval(left)
      setToast((shown) =>
        shown?.isOfRemoval ? left && { text: describeRemoval(left), isOfRemoval: true } : shown,
      )
    },
    [removal],
  )

  // A page that is loaded again has the removal and no line yet.
  const isLoaded = useRef(false)
  useEffect(() => {
    if (!isLoaded.current && removal) setToast({ text: describeRemoval(removal), isOfRemoval: true })
    isLoaded.current = true
  }, [removal])

  useEffect(() => {
    if (!toast || toast.isUnderWay) return
    const isPlain = !toast.isError && !toast.action && !(toast.isOfRemoval && removal)
    const timer = setTimeout(() => setToast(null), isPlain ? readIn : shownFor)
    return () => clearTimeout(timer)
  }, [toast, removal])

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isField = event.target instanceof HTMLElement && event.target.matches('input, textarea')
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || isField || !removal)
        return
      event.preventDefault()
      void undo()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [removal, undo])

  return {
    toast:
      removal && toast?.isOfRemoval ? { ...toast, action: { label: 'Undo', run: () => void undo() } } : toast,
    remove,
    settle,
    dismiss,
    say,
  }
}
