import { useSyncExternalStore } from 'react'

/** What did not become an upload, and why: nothing that the user chose is left out silently. */
export interface Note {
  id: number
  about: string
  text: string
  /** What can be done about it, after which it is gone. */
  action?: { label: string; run(): void } | undefined
}

let notes: readonly Note[] = []
let last = 0
const listeners = new Set<() => void>()

function set(now: readonly Note[]): void {
  notes = now
  for (const listener of listeners) listener()
}
function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const addNote = (about: string, text: string, action?: Note['action']): void =>
  set([...notes, { id: ++last, about, text, action }])

export const dismissNote = (id: number): void => set(notes.filter((note) => note.id !== id))

/** Notes that were not dismissed, the oldest first. */
export const useNotes = (): readonly Note[] => useSyncExternalStore(subscribe, () => notes)
