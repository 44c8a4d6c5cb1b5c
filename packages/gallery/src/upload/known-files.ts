import type { AddedFile } from '@tintype/client'
import { findKnown } from '@tintype/client/check'
import type { Media } from '@tintype/protocol'
import { library } from '../api.ts'
import { count } from '../format.ts'
import { inTime } from '../in-time.ts'
import { addNote } from './notes.ts'

/** Bytes. A larger file takes seconds to be hashed: it is sent without being looked for. */
const largestHashed = 64 * 1024 ** 2
/** Files that are looked for together, while those before them are on their way. */
const together = 8
/** Milliseconds for these. What has not been found by then counts as new, and so does the rest: nobody waits once more. */
const patience = 5000
/** One row tells these names. */
const mostNames = 5

/**
 * Looks for files that are in the gallery already, by their SHA-256.
 *
 * @param onNew called with those that are not, in their order and some at a time
 * @returns those that are
 */
export async function findNew(
  files: readonly AddedFile[],
  onNew: (some: AddedFile[]) => void,
): Promise<Map<AddedFile, Media>> {
  const known = new Map<AddedFile, Media>()
  for (let at = 0; at < files.length; at += together) {
    const some = files.slice(at, at + together)
    const hashed = some.flatMap((one) => fileOf(one) ?? []).filter(({ size }) => size <= largestHashed)
    const found = await inTime(findKnown(hashed, library), patience).catch(() => undefined)
    if (!found) {
      onNew(files.slice(at))
      break
    }
    for (const one of some) {
      const file = fileOf(one)
      const media = file && found.get(file)
      if (media) known.set(one, media)
    }
    const fresh = some.filter((one) => !known.has(one))
    if (fresh.length > 0) onNew(fresh)
  }
  return known
}

/** Says that these are there already, in one row. @param send adds them nevertheless */
export function tell(known: AddedFile[], send: (files: AddedFile[]) => void): void {
  const names = known.map((one) => ('name' in one ? one.name : one.file.name))
  const more = names.length - mostNames
  const some = names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const [about = '', text] =
    names.length === 1
      ? [names[0], 'It is in your gallery already.']
      : [count(names.length, 'file'), `They are in your gallery already: ${some}`]
  addNote(about, text, { label: 'Add anyway', run: () => send(known) })
}

function fileOf(added: AddedFile): File | undefined {
  if (added instanceof File) return added
  return 'file' in added ? added.file : undefined
}
