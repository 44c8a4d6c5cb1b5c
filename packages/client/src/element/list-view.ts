import type { UploadItem } from '../upload-item.ts'
import type { Uploads } from '../uploads-interface.ts'
import type { Batch } from './batch.ts'
import type { Sorted } from './sorted.ts'
import type { Texts } from './texts.ts'

/** Texts, and the language in which numbers are written. */
export interface Words {
  texts: Texts
  language: string
}

/** Files that the page looks at before it adds them. */
export interface Looking {
  /** How many are left. */
  count: number
  /** Adds none of these. */
  cancel(): void
}

/** What can be done about what was left out, after which its row is gone. */
export interface NoteAction {
  label: string
  run(): void
}

/** What was left out, and why. */
export interface Note {
  about: string
  text: string
  action: NoteAction | undefined
}

/** What the list shows now. */
export interface View extends Sorted, Words {
  uploads: Uploads | undefined
  /** Failed files by their reason. */
  groups: ReadonlyMap<string, readonly UploadItem[]>
  notes: readonly Note[]
  looking: Looking | undefined
  batch: Batch
  /** How many have been added, where this is to be said. */
  added: number
  isFolded: boolean
}

/** What can be done with what it shows. */
export interface Actions {
  remove(items: readonly UploadItem[]): void
  dismiss(notes: readonly Note[]): void
  note(about: string, text: string): void
  fold(): void
}
