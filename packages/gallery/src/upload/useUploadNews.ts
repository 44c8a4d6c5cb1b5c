import type { UploadItem } from '@tintype/client'
import { useEffect, useRef } from 'react'
import { count } from '../format.ts'
import { useNotes } from './notes.ts'
import { isBusy } from './UploadPanel.tsx'

/** Announces to screen readers when uploads begin and how they ended, not every step in between. */
export function useUploadNews(items: readonly UploadItem[], tell: (news: string) => void): void {
  const busyBefore = useRef(0)
  const done = useRef(new Set<string>())

  useEffect(() => {
    for (const { id, state } of items) if (state === 'done') done.current.add(id)
    const busy = items.filter(isBusy).length
    const failed = items.filter(({ state }) => state === 'failed').length
    const before = busyBefore.current
    busyBefore.current = busy
    if (busy > before) tell(`Uploading ${count(busy, 'file')}.`)
    if (busy > 0 || before === 0) return
    const trouble = failed > 0 ? ` ${count(failed, 'file')} could not be uploaded.` : ''
    tell(`${count(done.current.size, 'file')} uploaded.${trouble}`)
    done.current.clear()
  }, [items, tell])
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
