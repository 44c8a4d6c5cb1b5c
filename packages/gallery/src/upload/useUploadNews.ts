import type { UploadItem } from '@tintype/client'
import { useEffect, useRef } from 'react'
import { count } from '../format.ts'
import { useNotes } from './notes.ts'
import { isBusy } from './UploadPanel.tsx'

/**
 * Announces to screen readers when uploads begin and how they ended, not every step in between.
 * @param looking how many files are looked for before they are sent
 */
export function useUploadNews(items: readonly UploadItem[], tell: (news: string) => void, looking = 0): void {
  const before = useRef({ busy: 0, looking: 0 })
  const hasBegun = useRef(false)
  const done = useRef(new Set<string>())

  useEffect(() => {
    for (const { id, state } of items) if (state === 'done') done.current.add(id)
    const busy = items.filter(isBusy).length
    const failed = items.filter(({ state }) => state === 'failed').length
    if (looking > before.current.looking) tell(`Looking at ${count(looking, 'file')}.`)
    if (busy > before.current.busy) tell(`Uploading ${count(busy, 'file')}.`)
    before.current = { busy, looking }
    if (busy > 0) hasBegun.current = true
    if (busy + looking > 0 || !hasBegun.current) return
    hasBegun.current = false
    const trouble = failed > 0 ? ` ${count(failed, 'file')} could not be uploaded.` : ''
    tell(`${count(done.current.size, 'file')} uploaded.${trouble}`)
    done.current.clear()
  }, [items, looking, tell])
}

/** Announces what was left out of the chosen files. */
export function useNoteNews(tell: (news: string) => void): void {
  const notes = useNotes()
  const told = useRef(0)
  useEffect(() => {
    const news = notes.filter(({ id }) => id > told.current)
    if (news.length === 0) return
    told.current = Math.max(...news.map(({ id }) => id))
    tell(news.map(({ about, text }) => `${about}: ${text}`).join(' '))
  }, [notes, tell])
}
