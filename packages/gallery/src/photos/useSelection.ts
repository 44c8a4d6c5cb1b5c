import type { Media } from '@tintype/protocol'
import { useCallback, useMemo, useRef, useState } from 'react'

export interface Selection {
  ids: ReadonlySet<string>
  /** What is selected, as far as this page has loaded it: all of it, since only that can be selected. */
  media: readonly Media[]
  toggle(media: Media): void
  /** Adds these, or takes them out again. */
  set(media: readonly Media[], isSelected: boolean): void
  /** The same with what is being loaded; not where the selection was left meanwhile. Undefined: it could not be loaded. */
  setLater(loading: Promise<readonly Media[] | undefined>, isSelected: boolean): Promise<void>
  /** These and no others. */
  only(media: readonly Media[]): void
  clear(): void
}

export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Media>>(new Map())
  const set = useCallback((media: readonly Media[], isSelected: boolean) => {
    setChosen((before) => {
      const next = new Map(before)
      for (const one of media) {
        if (isSelected) next.set(one.id, one)
        else next.delete(one.id)
      }
      return next
    })
  }, [])
  const timesLeft = useRef(0)
  return {
    ids: useMemo(() => new Set(chosen.keys()), [chosen]),
    media: useMemo(() => [...chosen.values()], [chosen]),
    set,
    setLater: useCallback(
      async (loading, isSelected) => {
        const before = timesLeft.current
        const media = await loading
        if (media && timesLeft.current === before) set(media, isSelected)
      },
      [set],
    ),
    toggle: (media) => set([media], !chosen.has(media.id)),
    only: useCallback((media) => setChosen(new Map(media.map((one) => [one.id, one]))), []),
    clear: useCallback(() => {
      timesLeft.current++
      setChosen((before) => (before.size === 0 ? before : new Map()))
    }, []),
  }
}
