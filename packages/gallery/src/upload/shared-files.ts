import { type SharedFilesNote, sharedFilesCookie } from '@tintype/protocol'
import { useEffect } from 'react'
import { count } from '../format.ts'
import { home } from '../home.ts'
import { addNote } from './notes.ts'

/** What came of files that another app on this phone has shared with this one. */
export function readSharedNote(): SharedFilesNote | undefined {
  const [, value] = new RegExp(`(?:^|; )${sharedFilesCookie}=([\\w-]+)`).exec(document.cookie) ?? []
  if (value === undefined) return undefined
  try {
    const bytes = Uint8Array.from(atob(value.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as SharedFilesNote
  } catch {
    return undefined
  }
}

/** Tells it once, when it is known whose photos are shown. */
export function useSharedNote(isOpen: boolean, tell: (text: string, isError?: boolean) => void): void {
  useEffect(() => {
    const note = isOpen && readSharedNote()
    if (!note) return
    // The path as the server has set it.
    // biome-ignore lint/suspicious/noDocumentCookie: cookieStore is not in every browser
    document.cookie = `${sharedFilesCookie}=; Max-Age=0; Path=${home.slice(0, -1) || '/'}`
    const { signIn, added, refused, more } = note
    if (signIn) return tell('You are signed in. Share it again: nothing of it was added yet.', true)
    for (const { name, reason } of refused) addNote(name, reason)
    if (more > 0) addNote(count(more, 'more file'), 'These were not added either.')
    const left = refused.length + more
    tell(`${count(added, 'file')} added${left > 0 ? `, ${left} not` : ''}.`, added === 0)
  }, [isOpen, tell])
}
