import type { AddedFile, UploadItem } from '@tintype/client'
import { findKnown } from '@tintype/client/check'
import type { Media } from '@tintype/protocol'
import { isSignInDue, library } from '../api.ts'
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

/** Of files that have been looked for. */
const hashes = new WeakMap<File, string>()

/** Chosen files that are not sent. */
export interface LeftOut {
  /** Those that are in the gallery. */
  known: Map<AddedFile, Media>
  /** Those that were chosen twice, with the other's name. */
  copies: Map<AddedFile, string>
}

/** Some files that have been looked for. */
export interface Looked extends LeftOut {
  fresh: AddedFile[]
}

/**
 * Looks for files that are in the gallery already, or are sent by another name, by their SHA-256: some at a time, in their order.
 *
 * @param items what is being sent, or waits for its file to be chosen again
 * @param controller ends it; is aborted where the server does not answer in time, after which all else is new
 */
export async function* lookFor(
  files: readonly AddedFile[],
  items: readonly UploadItem[],
  controller: AbortController,
): AsyncGenerator<Looked> {
  const { signal } = controller
  const names = new Map<string, string>()
  for (const { file, name, state } of items) {
    const hash = file && state !== 'failed' ? hashes.get(file) : undefined
    if (hash !== undefined) names.set(hash, name)
  }
  for (let at = 0; at < files.length; at += together) {
    const some = files.slice(at, at + together)
    const hashed = some
      .flatMap((one) => fileOf(one) ?? [])
      .filter((file) => file.size <= largestHashed && !items.some((item) => waitsForFile(item, file)))
    const looked: Looked = { fresh: [], known: new Map(), copies: new Map() }
    const same = new Map<File, string>()
    const onHash = (file: File, hash: string) => {
      hashes.set(file, hash)
      const name = names.get(hash)
      if (name === undefined) names.set(hash, file.name)
      else same.set(file, name)
    }
    const found = await patiently(findKnown(hashed, library, { signal, onHash }), signal)
    if (signal.aborted) return
    for (const one of some) {
      const file = fileOf(one)
      const media = file && found?.get(file)
      const name = file && same.get(file)
      if (media) looked.known.set(one, media)
      else if (name !== undefined) looked.copies.set(one, name)
      else looked.fresh.push(one)
    }
    yield looked
    if (found) continue
    controller.abort()
    yield { fresh: files.slice(at + together), known: new Map(), copies: new Map() }
    return
  }
}

/** Undefined where it takes too long, but for the time that signing in takes: nothing is sent before, either. */
async function patiently<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const wasDue = isSignInDue()
  try {
    return await inTime(work, patience)
  } catch (error) {
    const isLate = (error as Error).name === 'TimeoutError' && !signal.aborted
    return isLate && (wasDue || isSignInDue()) ? patiently(work, signal) : undefined
  }
}

/** As the queue finds the item for which a file is chosen again. */
const waitsForFile = ({ state, file, name, error }: UploadItem, { name: chosen }: File) =>
  name === chosen && ((state === 'paused' && !file) || error?.code === 'file_unreadable')

/** Says that these are there already, in one row. @param send adds them nevertheless */
export function tellKnown(known: AddedFile[], send: (files: AddedFile[]) => void): void {
  tell(known, send, ['It is in your gallery already.', 'They are in your gallery already'])
}

/** Says that these were chosen twice, in one row. @param send adds them nevertheless */
export function tellCopies(copies: Map<AddedFile, string>, send: (files: AddedFile[]) => void): void {
  const [first] = copies.values()
  const one = `It is the same as ${first}, and is sent once.`
  tell([...copies.keys()], send, [one, 'They were chosen twice, and are sent once'])
}

function tell(
  files: AddedFile[],
  send: (files: AddedFile[]) => void,
  [one, many]: [one: string, many: string],
): void {
  if (files.length === 0) return
  const names = files.map((added) => ('name' in added ? added.name : added.file.name))
  const more = names.length - mostNames
  const some = names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
  const action = { label: 'Add anyway', run: () => send(files) }
  if (names.length === 1) addNote(some, one, action)
  else addNote(count(names.length, 'file'), `${many}: ${some}`, action)
}

function fileOf(added: AddedFile): File | undefined {
  if (added instanceof File) return added
  return 'file' in added ? added.file : undefined
}
